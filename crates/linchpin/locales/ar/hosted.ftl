# The hosted pages in Arabic. Keys and values as in the English file.

language-name = العربية
document-title = { $title } · { $app }

## Around every page

secured-by = بحماية Linchpin
language-choice = اللغة: العربية
theme-choice = المظهر
theme-auto = مظهر تلقائي
theme-light = مظهر فاتح
theme-dark = مظهر داكن
time-left = بقي { $time } لإتمام العملية
offline = تعذّر الوصول إلى الخادم. تحقّق من اتصالك؛ ما كتبته لا يزال هنا.
try-again = أعد المحاولة
still-working = ما زال العمل جاريًا
still-checking = ما زال التحقق جاريًا مع { $provider }
covered = هناك ما يحجب هذه الصفحة. أظهِرها ثم اضغط مرة أخرى.
look-again = تحقّق مجددًا
cancel = إلغاء
continue = متابعة
link-website = الموقع
link-privacy = الخصوصية
link-terms = الشروط
link-support = المساعدة
back-to-app = العودة إلى { $app }

## Sandbox

sandbox-banner = بيئة تجريبية: لا شيء هنا حقيقي
sandbox-accounts = حسابات الاختبار
sandbox-password = كلمة مرور كل الحسابات: { $password }
sandbox-fill = استخدم
sandbox-fill-label = استخدم { $email }
sandbox-creator = صانع محتوى
sandbox-fan = متابع
sandbox-app-code = رمز تطبيق المصادقة 123456
sandbox-texted-code = رمز برسالة نصية 123456
sandbox-approval = موافقة على جهاز آخر، تُمنح بعد 3 ثوانٍ
sandbox-locked = الحساب مقفل
sandbox-slow = يستغرق التحقق 5 ثوانٍ
sandbox-unavailable = تعذّر الوصول إلى المزوّد
sandbox-short-lived = ربط ينتهي من تلقاء نفسه
sandbox-emailed-code = رمز بالبريد الإلكتروني 123456
sandbox-choice = ثلاث طرق للاختيار، الرموز 123456
sandbox-question = سؤال أمان، الإجابة blue
sandbox-challenge = صورة تعرض ما يجب كتابته

sandbox-permission-profile-read = ملفك الشخصي: الاسم واسم المستخدم والصورة
sandbox-permission-profile-write = تعديل ملفك الشخصي: الاسم والوصف والصورة
sandbox-permission-posts-read = منشوراتك، بما فيها المجدولة
sandbox-permission-posts-write = نشر المنشورات وتعديلها وحذفها باسمك
sandbox-permission-messages-read = رسائلك ومن كتبها
sandbox-permission-messages-write = إرسال رسائل إلى مشتركيك باسمك
sandbox-permission-subscribers-read = من يشترك لديك ومنذ متى
sandbox-permission-subscribers-write = ترتيب مشتركيك في قوائم وكتمهم وحظرهم
sandbox-permission-vault-read = خزنتك: الصور ومقاطع الفيديو، بما فيها غير المنشورة
sandbox-permission-analytics-read = إحصاءاتك: الزيارات والإعجابات والنمو
sandbox-permission-earnings-read = أرباحك: المدفوعات والإكراميات والتحويلات
sandbox-permission-notifications-read = إشعاراتك

## Before the sign-in

pre-login-title = ربط { $provider } بتطبيق { $app }
pre-login-title-choice = ربط حساب بتطبيق { $app }
pre-login-lead = يود { $app } ({ $domain }) استخدام حسابك.
pre-login-lead-no-domain = يود { $app } استخدام حسابك.
reconnect-title = سجّل الدخول إلى { $provider } مجددًا
reconnect-lead = فقد { $app } ({ $domain }) اتصاله بحسابك.
reconnect-lead-no-domain = فقد { $app } اتصاله بحسابك.
choose-provider = أي حساب؟
next-choose = تختار ما يمكن أن يراه { $app } ويغيّره.
next-sign-in = تسجّل الدخول. تُستخدم كلمة مرورك مرة واحدة ولا تُحفظ.
next-return = تعود إلى { $app }، ويمكنك إنهاء الربط من هناك.

## Permissions

authorization-title = ماذا يُسمح لتطبيق { $app }؟
authorization-lead = هذا ما يطلبه التطبيق في حسابك لدى { $provider }.
can-see = يمكنه الاطلاع على
can-change = يمكنه تغيير
permission-required = إلزامي
permission-new = جديد
permission-risky = حسّاس
kept-what = ما يُحفظ
kept-what-answer = اسمك واسم المستخدم وما تسمح به هنا. لا تُحفظ كلمة مرورك أبدًا.
kept-how-long = إلى متى
kept-how-long-answer = حتى تُنهي الربط أنت أو { $app }.
kept-end = لإنهاء الربط
kept-end-answer = افصل حسابك من داخل { $app } في أي وقت.
allow = السماح والمتابعة
decline = رفض

## Sign-in

login-title = تسجيل الدخول إلى { $provider }
login-lead = سيُربط حسابك بتطبيق { $app }.
username = البريد الإلكتروني أو اسم المستخدم
email = عنوان البريد الإلكتروني
password = كلمة المرور
password-show = إظهار
password-hide = إخفاء
password-note = تُستخدم مرة واحدة لتسجيل الدخول ولا تُحفظ.
caps-lock = مفتاح الأحرف الكبيرة مفعّل.
sign-in = تسجيل الدخول
login-wrong =
    { $count ->
        [zero] اسم المستخدم وكلمة المرور غير متطابقين. لم تبق أي محاولة.
        [one] اسم المستخدم وكلمة المرور غير متطابقين. بقيت محاولة واحدة.
        [two] اسم المستخدم وكلمة المرور غير متطابقين. بقيت محاولتان.
        [few] اسم المستخدم وكلمة المرور غير متطابقين. بقيت { $count } محاولات.
        [many] اسم المستخدم وكلمة المرور غير متطابقين. بقيت { $count } محاولة.
       *[other] اسم المستخدم وكلمة المرور غير متطابقين. بقيت { $count } محاولة.
    }
login-unknown-sandbox-domain = لا تعمل في البيئة التجريبية إلا حسابات الاختبار أعلاه.
login-incomplete-username = أدخل بريدك الإلكتروني أو اسم المستخدم.
login-incomplete-email = أدخل عنوان بريدك الإلكتروني.
login-incomplete-password = أدخل كلمة مرورك.
login-different-account = هذا حساب مختلف. سجّل الدخول إلى الحساب الذي كان مربوطًا من قبل.
login-linked-to-another-user = ربط شخص آخر هذا الحساب في { $app }. استخدم حسابًا آخر.
provider-unavailable = لا يستجيب { $provider } في الوقت الحالي. انتظر قليلًا ثم أعد المحاولة.
declined = رُفض الطلب على جهازك الآخر. سجّل الدخول مرة أخرى للمحاولة من جديد.
interrupted = استغرق ذلك وقتًا طويلًا من جانبنا، ولم تُحتسب المحاولة. أعد المحاولة من فضلك.

## Second factor

code-app-title = أدخل رمز تطبيق المصادقة
code-app-lead = افتح تطبيق المصادقة وانسخ رمز { $provider }.
code-phone-title = أدخل الرمز المرسل إليك
code-phone-lead = أرسله { $provider } إلى رقمك المنتهي بـ { $digits }.
code-email-title = أدخل الرمز من بريدك الإلكتروني
code-email-lead = أرسله { $provider } إلى { $hint }. قد يستغرق وصوله دقيقة، وقد تجده في مجلد الرسائل غير المرغوب فيها.
code = الرمز
code-note = ألصقه أو اكتبه؛ لا تهم المسافات.
confirm = تأكيد
resend = أعد الإرسال
resends-left =
    { $count ->
        [zero] لم تبق أي رسالة
        [one] بقيت رسالة واحدة
        [two] بقيت رسالتان
        [few] بقيت { $count } رسائل
        [many] بقيت { $count } رسالة
       *[other] بقيت { $count } رسالة
    }
resend-in = الرسالة التالية بعد { $time }
no-more-texts = لا يمكن إرسال رسائل أخرى.
emails-left =
    { $count ->
        [zero] لم تبق أي رسالة إلكترونية
        [one] بقيت رسالة إلكترونية واحدة
        [two] بقيت رسالتان إلكترونيتان
        [few] بقيت { $count } رسائل إلكترونية
        [many] بقيت { $count } رسالة إلكترونية
       *[other] بقيت { $count } رسالة إلكترونية
    }
next-email-in = الرسالة الإلكترونية التالية بعد { $time }
no-more-emails = لا يمكن إرسال رسائل إلكترونية أخرى.
another-way = استخدم طريقة أخرى
code-wrong =
    { $count ->
        [zero] الرمز غير صحيح. لم تبق أي محاولة.
        [one] الرمز غير صحيح. بقيت محاولة واحدة.
        [two] الرمز غير صحيح. بقيت محاولتان.
        [few] الرمز غير صحيح. بقيت { $count } محاولات.
        [many] الرمز غير صحيح. بقيت { $count } محاولة.
       *[other] الرمز غير صحيح. بقيت { $count } محاولة.
    }
code-expired = انتهت صلاحية هذا الرمز. اطلب رمزًا جديدًا.
code-incomplete = أدخل الرمز، أرقامًا فقط.
code-email-incomplete = أدخل الرمز الوارد في الرسالة الإلكترونية.
code-cannot-resend = تعذّر إرسال رسالة الآن. استخدم آخر رمز أو انتظر قليلًا.
code-email-cannot-resend = تعذّر إرسال رسالة إلكترونية الآن. استخدم آخر رمز أو انتظر قليلًا.
question-title = أجب عن سؤال الأمان
question-lead = هو السؤال الذي اخترته في حسابك لدى { $provider }.
question-note = اكتب الإجابة كما كتبتها حين اخترت السؤال.
shown-title = اكتب ما تراه
shown-lead = يطلب { $provider } ذلك ليتأكد من أن من يسجّل الدخول إنسان.
shown-note = خذ وقتك؛ لديك أكثر من محاولة.
answer = إجابتك
answer-wrong =
    { $count ->
        [zero] الإجابة غير صحيحة. لم تبق أي محاولة.
        [one] الإجابة غير صحيحة. بقيت محاولة واحدة.
        [two] الإجابة غير صحيحة. بقيت محاولتان.
        [few] الإجابة غير صحيحة. بقيت { $count } محاولات.
        [many] الإجابة غير صحيحة. بقيت { $count } محاولة.
       *[other] الإجابة غير صحيحة. بقيت { $count } محاولة.
    }
answer-incomplete = أدخل إجابتك فيما لا يزيد على 256 حرفًا.
approval-title = وافق من جهازك
approval-lead = أرسل { $provider } طلبًا إلى جهازك. افتحه هناك وأكّد أنك أنت من يسجّل الدخول.
approval-waiting = في انتظار موافقتك. ستنتقل هذه الصفحة من تلقاء نفسها.
ways-title = اختر طريقة أخرى
ways-lead = كيف تود أن تثبت هويتك لدى { $provider }؟
ways-back = رجوع
way-app = رمز من تطبيق المصادقة
way-phone = رسالة نصية إلى رقمك المنتهي بـ { $digits }
way-email = رسالة إلكترونية إلى { $hint }
way-approval = موافقة من جهازك
way-question = سؤال الأمان الخاص بك
way-shown = كتابة ما يعرضه لك { $provider }
way-cannot-start = لا يستطيع { $provider } ذلك الآن. استخدم طريقة أخرى أو حاول لاحقًا.

## Waiting, leaving, done

checking-title = جارٍ التحقق مع { $provider }
checking-lead = يستغرق ذلك بضع ثوانٍ. أبقِ هذه الصفحة مفتوحة.
leave-title = هل توقف الربط؟
leave-lead = لم تتم مشاركة أي شيء مع { $app } حتى الآن.
leave-stop = إيقاف والعودة إلى { $app }
leave-go-on = مواصلة الربط
done-title = تم الربط
done-sentence = حسابك لدى { $provider } مربوط الآن بتطبيق { $app }.
returning = نعيدك الآن. يمكنك أيضًا إغلاق هذه الصفحة.

## Ways that go no further

ended-title = انتهى هذا الرابط
ended-sentence = عُد إلى حيث أتيت وابدأ من جديد؛ يعمل كل رابط مرة واحدة ولوقت قصير.
in-use-title = هذا الرابط قيد الاستخدام
in-use-sentence = تابع في النافذة التي بدأت فيها، أو ابدأ من جديد من التطبيق الذي أرسلك إلى هنا.
forbidden-title = هذه الصفحة لم تعد صالحة
forbidden-sentence = لم يُرسل أي شيء. افتح رابطك مجددًا لتتابع من حيث كنت.
unavailable-title = لحظة من فضلك
unavailable-sentence = لا يمكننا الرد الآن، ولم يُفقد أي شيء. انتظر بضع ثوانٍ ثم أعد المحاولة.
