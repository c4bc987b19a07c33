"""Words of the demo: names, subjects and comments in five languages.

Here: texts and how dirt gets into them. Not here: who says what when.
"""

from __future__ import annotations

import numpy as np

from orchestration.demo.base.clock import Array

FIRST_NAMES = (
    ("Alex", "Sam", "Robin", "Kim", "Jordan", "Taylor", "Jamie", "Casey", "Morgan", "Riley"),
    ("葵", "蓮", "凛", "湊", "結衣", "陽翔", "さくら", "悠真", "美咲", "大和"),
    ("Ana", "João", "Beatriz", "Lucas", "Mariana", "Pedro", "Camila", "Rafael", "Júlia", "Tiago"),
    ("ليلى", "عمر", "سارة", "يوسف", "مريم", "خالد", "نور", "حسن", "هدى", "طارق"),
    ("伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰"),
)
LAST_NAMES = (
    ("Smith", "Miller", "Brown", "Clark", "Weber", "Fischer", "Walker", "Young", "Becker", "Hill"),
    ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤"),
    ("Silva", "Santos", "Souza", "Oliveira", "Pereira", "Lima", "Costa", "Rocha", "Alves", "Dias"),
    ("الهاشمي", "المنصوري", "الزعابي", "النعيمي", "الشامسي", "الكعبي", "المري", "السويدي"),
    ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"),
)
ROMAN = ("alex", "sam", "robin", "kim", "jordan", "taylor", "jamie", "casey", "morgan", "riley")
COMPANY_WORDS = ("Harbour", "Cedar", "North", "Bright", "Stone", "River", "Summit", "Amber", "Lake")
COMPANY_KINDS = ("Logistics", "Foods", "Studio", "Clinic", "Works", "Systems", "Retail", "Media")
INDUSTRIES = (
    "Transport",
    "Food",
    "Design",
    "Health",
    "Manufacturing",
    "Software",
    "Retail",
    "Media",
)
TOPICS = ("billing", "login", "delivery", "defect", "how_to", "cancellation")
SUBJECTS = (
    (
        "Question about my invoice",
        "Cannot log in",
        "Where is my order?",
        "Export stops with an error",
        "How do I add a user?",
        "How can I cancel?",
    ),
    (
        "請求書について",
        "ログインできません",
        "注文はどこですか",
        "エクスポートが止まります",
        "ユーザーの追加方法",
        "解約したいです",
    ),
    (
        "Dúvida sobre a fatura",
        "Não consigo entrar",
        "Onde está meu pedido?",
        "A exportação falha",
        "Como adiciono um usuário?",
        "Quero cancelar",
    ),
    (
        "سؤال عن الفاتورة",
        "لا أستطيع تسجيل الدخول",
        "أين طلبي؟",
        "التصدير يتوقف",
        "كيف أضيف مستخدماً؟",
        "أريد إلغاء الاشتراك",
    ),
    ("关于发票的问题", "无法登录", "我的订单在哪里？", "导出时出错", "如何添加用户？", "我想取消"),
)
COMMENTS = (  # language × (bad, middling, good)
    (
        (
            "I waited far too long for an answer.",
            "Too expensive for what it does.",
            "The export keeps crashing and nobody cares.",
            "I had to explain everything twice.",
        ),
        (
            "It works, but the invoice is confusing.",
            "Fine, though replies could be faster.",
            "Okay so far.",
            "Some features are missing.",
        ),
        (
            "Fast and friendly support, thank you!",
            "Easy to use, we love it.",
            "Great value for the price.",
            "The team solved it at once.",
        ),
    ),
    (
        ("返信がとても遅いです。", "料金が高すぎます。", "何度も同じ説明をさせられました。"),
        ("使えますが、請求書が分かりにくいです。", "普通です。", "機能が少し足りません。"),
        (
            "対応がとても早くて助かりました。",
            "使いやすくて満足しています。",
            "担当者が親切でした。",
        ),
    ),
    (
        (
            "Demorou demais para responder.",
            "Muito caro pelo que oferece.",
            "Tive que explicar tudo duas vezes.",
        ),
        ("Funciona, mas a fatura é confusa.", "Razoável.", "Faltam alguns recursos."),
        ("Atendimento rápido e simpático!", "Fácil de usar, adoramos.", "Ótimo custo-benefício."),
    ),
    (
        ("انتظرت الرد طويلاً جداً.", "السعر مرتفع جداً.", "اضطررت إلى شرح المشكلة مرتين."),
        ("جيد ولكن الفاتورة غير واضحة.", "مقبول.", "تنقصه بعض الميزات."),
        ("خدمة سريعة وودودة، شكراً!", "سهل الاستخدام.", "تم حل المشكلة فوراً."),
    ),
    (
        ("回复太慢了。", "价格太贵。", "同样的问题要解释两遍。"),
        ("还可以，但账单不清楚。", "一般。", "缺少一些功能。"),
        ("客服很快也很友好！", "很好用，我们很喜欢。", "问题马上解决了。"),
    ),
)
ANSWERS = (
    "Thanks for writing. We have looked into it and it works again.",
    "Could you send us a screenshot, please?",
    "We have corrected the invoice.",
)
AUTOMATIC = "Thank you, we have received your message. This is an automatic reply."
NOTE = "Checked the logs with the second line."
FORMULAS = (
    '=HYPERLINK("http://click.example","win")',
    "+1 from me",
    "-- see below",
    "@all please read",
)
PRIVATE = " Write to me at {email} or call +1 202 555 0{number:03d}."
WAITING_LINE = '\nSecond line: they said "soon", twice.\n\nRegards'


def feedback(
    rng: np.random.Generator, language: Array, mood: Array, emails: list[str]
) -> list[str]:
    """A comment per row in the language and mood (0 bad, 1 middling, 2 good), some of it dirty."""
    which = rng.integers(0, 1000, len(language))
    dirt = rng.random(len(language))
    texts = []
    for lang, feels, number, chance, email in zip(
        language.tolist(), mood.tolist(), which.tolist(), dirt.tolist(), emails, strict=True
    ):
        choices = COMMENTS[lang][feels]
        text = choices[number % len(choices)]
        if chance < 0.02:
            text += PRIVATE.format(email=email, number=number)
        elif chance < 0.05:
            text += WAITING_LINE
        elif chance < 0.06:
            text = FORMULAS[number % len(FORMULAS)]
        texts.append(text)
    return texts
