# Going on on a phone, in Arabic. Keys and gaps as in the English file.

continue-on-phone = المتابعة على هاتفك
continue-here = المتابعة هنا بدلًا من ذلك

## The first screen

hand-off-title = امسح الرمز بهاتفك
hand-off-lead = سيذكر هاتفك { $app } أولًا، ثم يسألك عن الكلمات الظاهرة هنا.
hand-off-code = رمز QR يفتح هذه الخطوة على هاتفك
hand-off-phrase = الكلمات التي تختارها على هاتفك
hand-off-time = يصلح هذا الرمز لمدة { $time }
hand-off-late-title = انتهت صلاحية الرمز
hand-off-late-lead = يصلح كل رمز لدقيقتين. كل شيء هنا كما تركته.
hand-off-refused-title = لم تتطابق الكلمات
hand-off-refused-lead = اختيرت كلمات أخرى على أحد الهواتف، فلم يعد الرمز صالحًا. إن لم تكن أنت من فعل ذلك، فتابع هنا.
hand-off-again = عرض رمز جديد
hand-off-waiting-title = تابع على هاتفك
hand-off-waiting-lead = ستكتمل هذه الصفحة تلقائيًا عندما تنتهي هناك.

## The phone

hand-off-question = ما الكلمات الظاهرة على الشاشة الأخرى؟
hand-off-none = لا شيء مما سبق
hand-off-warning = لا تتابع إلا إذا كنت قد فتحت { $app } بنفسك على تلك الشاشة. إذا أرسل إليك أحدهم هذا الرمز، فاختر «لا شيء مما سبق».
hand-off-screen = الشاشة الأخرى
hand-off-private = في شبكة خاصة
hand-off-network = في الشبكة { $network }
hand-off-shared = الشبكة نفسها التي يتصل بها هذا الهاتف
hand-off-apart = شبكة غير التي يتصل بها هذا الهاتف
hand-off-wrong-title = هذه الكلمات غير ظاهرة هناك
hand-off-wrong-lead = لن يستمر شيء على هذا الهاتف. للمحاولة مجددًا، اعرض رمزًا جديدًا على الشاشة الأخرى.
hand-off-no-longer-title = لم يعد هذا الرمز صالحًا
hand-off-no-longer-lead = يصلح الرمز مرة واحدة ولدقيقتين. اعرض رمزًا جديدًا على الشاشة الأخرى.
hand-off-taken-back-title = تستمر العملية على الشاشة الأخرى
hand-off-close-lead = يمكنك إغلاق هذه الصفحة.
hand-off-done = عُد إلى الشاشة الأخرى؛ ستكمل تلقائيًا. يمكنك إغلاق هذه الصفحة.
hand-off-ended-title = لم يُربط أي حساب
hand-off-ended-lead = ستكمل الشاشة الأخرى تلقائيًا. يمكنك إغلاق هذه الصفحة.

## The words to choose from

phrase-quiet-river = نهر هادئ
phrase-red-bicycle = دراجة حمراء
phrase-old-lighthouse = منارة قديمة
phrase-warm-bread = خبز دافئ
phrase-sleepy-owl = بومة ناعسة
phrase-green-umbrella = مظلة خضراء
phrase-paper-boat = قارب ورقي
phrase-golden-key = مفتاح ذهبي
phrase-wooden-bridge = جسر خشبي
phrase-silver-spoon = ملعقة فضية
phrase-ripe-lemon = ليمونة ناضجة
phrase-snowy-mountain = جبل ثلجي
phrase-blue-door = باب أزرق
phrase-clever-fox = ثعلب ذكي
phrase-round-table = طاولة مستديرة
phrase-tall-tree = شجرة عالية
phrase-white-feather = ريشة بيضاء
phrase-full-moon = قمر مكتمل
phrase-open-window = نافذة مفتوحة
phrase-striped-cat = قطة مخططة
phrase-soft-pillow = وسادة ناعمة
phrase-hot-soup = حساء ساخن
phrase-long-train = قطار طويل
phrase-purple-flower = زهرة بنفسجية
