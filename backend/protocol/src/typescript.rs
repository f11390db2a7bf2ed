//! The TypeScript form of the wire, compared with the file the page is built from. Knows the file's place, no page.

use std::path::Path;

use ts_rs::{Config, TS};

use crate::{accounts, chat, classes, client, discovery, documents, packs, rest, search, server};

const FILE: &str = "../../ui/src/shared/protocol/index.ts";
const AGAIN: &str = "SYNAPSCRIBE_WRITE_TYPES=1 cargo test --workspace the_page_speaks_this_wire";

/// One declaration after another, each type below those it is made of.
fn declarations() -> String {
    let config = Config::new().with_large_int("number");
    let mut text = format!("// Generated from backend/protocol; not edited by hand. To write it again:\n//   {AGAIN}\n");
    macro_rules! declare {
        ($($type:ty),* $(,)?) => {
            $(
                text.push('\n');
                if let Some(docs) = <$type as TS>::docs() {
                    text.push_str(&docs);
                }
                text.push_str("export ");
                text.push_str(&<$type as TS>::decl(&config));
                text.push('\n');
            )*
        };
    }
    declare!(
        server::ErrorDto,
        server::SourceDto,
        server::PagesDto,
        server::CitationDto,
        server::TimingsDto,
        server::UsageDto,
        server::SpokenWordDto,
        server::ServerMessage,
        client::SpeechWish,
        client::UploadPurpose,
        client::ClientMessage,
        discovery::UploadLimits,
        discovery::EngineDto,
        discovery::Sample,
        discovery::AccountsHere,
        discovery::Discovery,
        rest::LectureDto,
        rest::LecturesDto,
        rest::PhraseDto,
        rest::TranscriptDto,
        rest::SpanDto,
        rest::SkippedDto,
        rest::ReportDto,
        rest::LinkDto,
        rest::TurnDto,
        rest::SessionDto,
        rest::SessionsDto,
        documents::DocumentDto,
        documents::DocumentsDto,
        documents::OutlineEntryDto,
        documents::OutlineDto,
        documents::AreaDto,
        documents::BlockLineDto,
        documents::BlockDto,
        documents::FigureDto,
        documents::PageDto,
        documents::PagesReadDto,
        documents::NewDocumentDto,
        documents::UploadDto,
        documents::FailedPageDto,
        documents::DocumentStatusDto,
        documents::PlacedFigureDto,
        documents::FiguresDto,
        chat::BeginSessionDto,
        chat::AskDto,
        search::HitDto,
        search::FoundDto,
        rest::RenameDto,
        rest::SourceChangeDto,
        classes::ClassDto,
        classes::ClassesDto,
        classes::MemberDto,
        classes::ShownDto,
        packs::PackDto,
        packs::PacksDto,
        packs::CardDto,
        packs::OpenPackDto,
        packs::PackTitleDto,
        packs::NewCardDto,
        packs::CardChangeDto,
        classes::RoomDto,
        classes::ClassNameDto,
        classes::JoinDto,
        rest::CorrectionDto,
        rest::WaveformDto,
        rest::StorageDto,
        rest::EnginesDto,
        rest::EngineServerDto,
        rest::EngineServersDto,
        rest::VoiceDto,
        rest::VoicesDto,
        rest::ErrorBody,
        rest::HealthDto,
        accounts::AnsweredDto<()>,
        accounts::RefusalDetailsDto,
        accounts::RefusedDto,
        accounts::AccountErrorCode,
        accounts::NothingDto,
        accounts::RegisterDto,
        accounts::ChallengeAnswerDto,
        accounts::LoginRequestDto,
        accounts::TokensDto,
        accounts::AccountDto,
        accounts::LoginDto,
        accounts::RefreshDto,
        accounts::LogoutDto,
        accounts::DeleteAccountDto,
        accounts::AddressDto,
        accounts::ResetPasswordDto,
        accounts::VerifyEmailDto,
        accounts::SignInDto,
        accounts::SignInsDto,
        accounts::InviteDto,
        accounts::InvitationDto,
        accounts::InvitationsDto,
        accounts::AppointDto,
        accounts::AppointedDto,
        accounts::SecurityEventDto,
        accounts::AuditDto,
    );
    text
}

#[test]
fn the_page_speaks_this_wire() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let wanted = declarations();
    if std::env::var_os("SYNAPSCRIBE_WRITE_TYPES").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "{} is not what the wire is now; write it again with\n  {AGAIN}", file.display());
}
