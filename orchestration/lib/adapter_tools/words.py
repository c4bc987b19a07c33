"""Words in headings by which a column is guessed, in some languages of exports.

Here: one pattern a column of a contract, tried on the heading in small letters. Not here: whether
the cells fit (`draft`). A guess is written down as one; a person looks at it.
"""

from __future__ import annotations

# Entity: column of its contract: words. The first column whose words and type fit takes a heading.
WORDS: dict[str, dict[str, str]] = {
    "customers": {
        "email": r"e.?mail|correo|courriel|メール",
        "phone": r"phone|telefon|teléfono|téléphone|電話",
        "name": r"(account|company|customer|contact|client|full).?name|^name$|firma|kundenname|"
        r"^nombre$|^nom$|raz[oó]n.social|氏名|会社名|顧客名|nome",
        "industry": r"industry|branche|sector|secteur|業種",
        "country": r"country|^land$|pa[ií]s|pays|^国$|国名",
        "region": r"region|state$|bundesland|provincia|estado|地域|都道府県",
        "signup_at": r"sign.?up|created|registered|member.?since|angelegt|kunde.?seit|"
        r"registrierung|fecha.de.(alta|creaci)|date.de.cr[eé]ation|登録",
        "acquisition_channel": r"source|referral|herkunft|origen|canal",
        "language": r"language|sprache|idioma|langue|言語",
        "employee_count": r"employees|mitarbeiter|empleados",
    },
    "contracts": {
        "start_date": r"start|begin|valid.?from|inicio|d[eé]but|von$|開始",
        "end_date": r"end(_|$| )|expir|valid.?to|ende|bis$|fin(_|$| )|t[eé]rmino|終了",
        "recurring_amount": r"mrr|recurring|monthly.?(fee|price|amount)|monatspreis|"
        r"(monats)?betrag|importe|cuota|montant|price|amount|preis|月額",
        "billing_period": r"billing|frequency|interval|abrechnung|zahlweise|periodicidad|"
        r"p[eé]riodicit[eé]|請求",
        "product": r"plan|product|tier|paket|produkt|tarif|forfait|商品|プラン",
        "cancelled_at": r"cancel.*(at|date)|gekündigt.am|kündigung.*datum|解約日",
        "cancel_reason": r"cancel.*reason|kündigungsgrund|motivo|解約理由",
        "currency": r"currency|w[aä]hrung|moneda|devise|moeda|通貨",
    },
    "tickets": {
        "created_at": r"created|submitted|opened|received|eingang|erstellt|eröffnet|apertura|"
        r"ouvert|creaci[oó]n|受付|作成",
        "solved_at": r"solved|resolved|gelöst|resuelt|r[eé]solu|解決",
        "closed_at": r"closed|geschlossen|cerrad|ferm[eé]|終了",
        "status": r"status|state$|estado|statut|状態|ステータス",
        "priority": r"priorit|dringlichkeit|prioridad|優先",
        "channel": r"channel|kanal|canal|origin|チャネル",
        "ticket_type": r"type|kategorie|category|tipo|種別",
        "subject": r"subject|betreff|asunto|objet|件名",
        "first_reply_calendar_minutes": r"first.?(response|reply).*min|erste.?antwort.*min",
        "is_escalated": r"escalat|eskal",
        "group_name": r"group|team|gruppe|grupo",
    },
    "survey_responses": {
        "score": r"score|rating|nps|csat|bewertung|note$|puntua|calificaci|nota$|評価|点数",
        "answered_at": r"answer|response.*(at|date|time)|submitted|recorded|creation|beantwortet|"
        r"respondid|fecha|datum|回答日",
        "comment": r"comment|message|feedback|kommentar|text$|comentario|verbatim|コメント",
        "language": r"language|sprache|idioma|langue|言語",
    },
    "transactions": {
        "occurred_at": r"purchase|paid|payment.?date|ordered|order.?date|invoice.?date|"
        r"bestell.*datum|bestellt|rechnungsdatum|belegdatum|fecha|datum|^date$|timestamp|購入日|注文日|売上日|date",
        "amount": r"amount|total|value|price|summe|betrag|umsatz|importe|valor|montant|金額|売上|"
        r"revenue|net",
        "currency": r"currency|w[aä]hrung|moneda|devise|moeda|通貨",
        "quantity": r"quantity|qty|menge|cantidad|quantit[eé]|数量",
        "product": r"product.?name|article|artikel|item.?name|producto|商品名",
        "product_category": r"category|kategorie|warengruppe|categor[ií]a|カテゴリ",
        "channel": r"channel|kanal|canal",
        "order_id": r"order.?(id|number|no)|bestell.?nr|bestellnummer|pedido|注文番号",
    },
    "interactions": {
        "occurred_at": r"date|time|datum|fecha|at$|日時",
        "interaction_kind": r"event|activity|type|aktion|art$",
        "channel": r"channel|kanal|canal",
        "touchpoint": r"page|touchpoint|step",
    },
}
# What makes rows those of an entity: one of these columns has to be there, each counts twice.
SIGNS = {
    "customers": ("email", "name", "signup_at", "industry"),
    "contracts": ("recurring_amount", "start_date", "end_date", "billing_period"),
    "tickets": ("status", "priority", "solved_at", "closed_at", "subject"),
    "survey_responses": ("score",),
    "transactions": ("amount",),
    "interactions": ("interaction_kind",),
}
NEEDED = {
    "contracts": ("recurring_amount", "start_date"),
    "tickets": ("created_at",),
    "survey_responses": ("score",),
    "transactions": ("amount",),
    "interactions": ("interaction_kind", "occurred_at"),
}
# Values that are said alike in many tools.
VALUES = {
    "billing_period": {
        "monthly": "month", "month": "month", "monatlich": "month", "mensual": "month",
        "mensuel": "month", "月次": "month", "quarterly": "quarter", "vierteljährlich": "quarter",
        "annual": "year", "annually": "year", "yearly": "year", "year": "year",
        "jährlich": "year", "anual": "year", "annuel": "year", "年次": "year", "weekly": "week",
    },
    "priority": {
        "low": "low", "normal": "normal", "medium": "normal", "high": "high", "urgent": "urgent",
        "niedrig": "low", "mittel": "normal", "hoch": "high", "dringend": "urgent",
        "baja": "low", "media": "normal", "alta": "high", "urgente": "urgent",
    },
    "status": {
        "new": "new", "open": "open", "pending": "pending", "hold": "hold", "on-hold": "hold",
        "solved": "solved", "resolved": "solved", "closed": "closed", "neu": "new",
        "offen": "open", "wartend": "pending", "gelöst": "solved", "geschlossen": "closed",
        "abierto": "open", "cerrado": "closed", "resuelto": "solved",
    },
}  # fmt: skip
