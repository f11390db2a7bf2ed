/** The kinds of choice that settings are made of. */
import { useId } from "react";

interface Option<T extends string> {
  value: T;
  label: string;
}

/** A few choices side by side. */
export function Choice<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: Option<T>[]; onChange: (value: T) => void }) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend>{label}</legend>
      <div className="choice-options">
        {options.map((option) => (
          <label key={option.value} className={option.value === value ? "chosen" : ""}>
            <input type="radio" className="unseen" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** One of many. */
export function Pick({ label, value, options, onChange }: { label: string; value: string; options: Option<string>[]; onChange: (value: string) => void }) {
  const id = useId();
  const known = options.some((option) => option.value === value);
  return (
    <div className="pick">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={known ? value : ""} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Yes or no. */
export function Switch({ label, text, on, onChange }: { label: string; text?: string; on: boolean; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <div className="switch">
      <input id={id} type="checkbox" role="switch" checked={on} onChange={(event) => onChange(event.target.checked)} aria-describedby={text ? `${id}-text` : undefined} />
      <div>
        <label htmlFor={id}>{label}</label>
        {text && <p id={`${id}-text`}>{text}</p>}
      </div>
    </div>
  );
}
