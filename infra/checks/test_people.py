"""What a deployment with accounts makes: whether a second proof is asked for, and what whoever signed in may reach."""

import unittest

import templates

ADDRESS = "no-reply@synapscribe.example.edu"


def identity(**also):
    """The stack of guests and people of a deployment that is given these."""
    return templates.deployment("prod", also).child("Identity")


class SecondProof(unittest.TestCase):
    def test_it_is_mailed_where_it_is_set(self):
        people = identity(MailFrom=ADDRESS, UserPool="true", SecondProof="true").resources["People"].properties
        self.assertEqual((people["MfaConfiguration"], people["EnabledMfas"]), ("ON", ["EMAIL_OTP"]))
        mail = people["EmailConfiguration"]
        # Codes of a second proof are mailed from an address of ours only.
        self.assertEqual((mail["EmailSendingAccount"], mail["From"]), ("DEVELOPER", ADDRESS))
        self.assertTrue(mail["SourceArn"].endswith(":identity/synapscribe.example.edu"), mail["SourceArn"])

    def test_it_is_not_asked_for_where_it_is_not_set(self):
        for also in ({}, {"SecondProof": "false"}):
            people = identity(MailFrom=ADDRESS, UserPool="true", **also).resources["People"].properties
            self.assertEqual(people["MfaConfiguration"], "OFF")
            self.assertNotIn("EnabledMfas", people)
            self.assertNotIn("EmailConfiguration", people)

    def test_without_a_pool_there_is_nobody_to_ask(self):
        self.assertNotIn("People", identity(MailFrom=ADDRESS).resources)


class Reach(unittest.TestCase):
    def test_whoever_signed_in_reaches_what_a_guest_does_under_their_own_name(self):
        stack = identity(MailFrom=ADDRESS)
        guest, known = (stack.resources[name] for name in ("Guest", "Known"))
        self.assertEqual(known.properties["Policies"], guest.properties["Policies"])
        trusts = []
        for role, kind in ((guest, "unauthenticated"), (known, "authenticated")):
            (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
            condition = statement["Condition"]
            self.assertEqual(condition["ForAnyValue:StringLike"], {"cognito-identity.amazonaws.com:amr": kind})
            trusts.append((statement["Principal"], statement["Action"], condition["StringEquals"]))
        self.assertEqual(*trusts)
        self.assertEqual(trusts[0][2], {"cognito-identity.amazonaws.com:aud": stack.resources["Guests"].attribute("Ref")})
        roles = stack.resources["Roles"].properties["Roles"]
        self.assertEqual(roles, {"unauthenticated": guest.attribute("Arn"), "authenticated": known.attribute("Arn")})

    def test_where_there_are_no_accounts_everybody_is_a_guest(self):
        stack = identity()
        self.assertNotIn("Known", stack.resources)
        self.assertEqual(set(stack.resources["Roles"].properties["Roles"]), {"unauthenticated"})


if __name__ == "__main__":
    unittest.main()
