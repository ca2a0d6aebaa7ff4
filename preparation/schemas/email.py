"""E-mails."""

from datetime import datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class Email(
    DatasetModel,
    needs=("sender, recipients, message_id, attachments", "subject, recipients"),
    words=(
        "email, emails, mail, sender, recipient, recipients, subject, cc, bcc, inbox, spam, attachment, "
        "attachments, reply, phishing"
    ),
):
    """One e-mail: from whom, to whom, about what."""

    message_id: str = column(description="Its Message-ID.", synonyms="email id, mail id, message id header, msg id")
    sent_at: datetime = column(
        description="When it was sent.",
        synonyms=(
            "date, sent, date sent, sent date, timestamp, received, received at, received date, time, date "
            "received, sent time, delivery date, email date"
        ),
        event_time=True,
        telling=0.4,
    )
    sender: str = column(
        description="From whom.",
        synonyms=(
            "from, from address, sender email, from email, sender address, sender name, x from, de, von, mail from, "
            "from name, email from, emitter"
        ),
        personal=PersonalData.EMAIL,
        telling=1.0,
    )
    recipients: str = column(
        description="To whom.",
        synonyms=(
            "to, recipient, to address, receiver, receivers, recipient email, to email, x to, para, an, mail to, "
            "receiver email, email to, to addresses, rcpt to, to name"
        ),
        personal=PersonalData.EMAIL,
        telling=1.0,
    )
    cc: str = column(description="Copies to.", synonyms="cc address, x cc, carbon copy", personal=PersonalData.EMAIL)
    bcc: str = column(description="Hidden copies to.", synonyms="x bcc, blind copy", personal=PersonalData.EMAIL)
    reply_to: str = column(
        description="Where answers go.", synonyms="reply to address, return path", personal=PersonalData.EMAIL
    )
    subject: str = column(
        description="Subject.",
        synonyms=("subject line, asunto, assunto, betreff, email subject, objet, mail subject"),
        personal=PersonalData.FREE_TEXT,
        kind="text",
        telling=1.0,
    )
    body: str = column(
        description="The text.",
        synonyms=(
            "message, content, text, email body, email text, body text, mail body, message body, plain text, corpo, "
            "contents, email content, body plain, email, content text, texto, email message"
        ),
        personal=PersonalData.FREE_TEXT,
        kind="text",
        telling=0.5,
    )
    attachments: str = column(
        description="Names of the attachments, one a line.",
        synonyms=("attachment, attachment names, has attachment, num attachments, attachment count"),
        telling=0.8,
    )
    in_reply_to: str = column(
        description="Message-ID that it answers.", synonyms="references, parent message id, thread id", telling=0.7
    )
    folder: str = column(
        description="Mailbox or folder.", synonyms="mailbox, x folder, label, labels, folder name", telling=0.3
    )
    importance: str = column(description="Importance.", synonyms="priority, x priority", telling=0.2)
    is_spam: str = column(
        description="Whether it is marked as spam.",
        synonyms="spam, spam label, is phishing, phishing, category",
        telling=0.5,
    )
