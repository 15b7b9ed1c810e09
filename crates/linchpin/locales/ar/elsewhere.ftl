# Signing in on the provider's own page, in Arabic. Gaps as in hosted.ftl.

next-elsewhere = تسجّل الدخول لدى { $provider }. لا يرى { $app } كلمة مرورك أبدًا.

## The way there

elsewhere-title = سجّل الدخول لدى { $provider }
elsewhere-lead = يسألك { $provider } في صفحته الخاصة ثم يعيدك إلى هنا. لا أحد هنا يرى كلمة مرورك.
elsewhere-go = المتابعة إلى { $provider }
elsewhere-underway-title = أكمل لدى { $provider }
elsewhere-underway-lead = سجّل الدخول في صفحة { $provider } التي فُتحت. ستعود تلقائيًا.
elsewhere-waiting = في انتظار { $provider }. تتابع هذه الصفحة تلقائيًا.
elsewhere-again = فتح { $provider } مرة أخرى
elsewhere-denied = لقد رفضت لدى { $provider }. تابع للمحاولة مرة أخرى، أو ألغِ.
elsewhere-leaving-title = ننقلك إلى { $provider }
elsewhere-leaving-lead = إذا لم يحدث شيء، فاستخدم الزر.

## The way back

elsewhere-back-title = لقد عدت
elsewhere-back-lead = تابع لربط { $provider } مع { $app }.
elsewhere-close-title = يمكنك إغلاق هذه النافذة
elsewhere-close-lead = تتابع الصفحة التي بدأت منها تلقائيًا.
elsewhere-other-title = لم يبدأ هذا من هنا
elsewhere-other-lead = عدت في متصفح آخر غير الذي انطلقت منه، أو بعد فوات الأوان. لم يُربط شيء. ابدأ من جديد من التطبيق الذي أرسلك إلى هنا.
elsewhere-stray-title = ينقص شيء هنا
elsewhere-stray-lead = الرد الذي أوصلك إلى هنا غير مكتمل. لم يُربط شيء. عد إلى حيث كنت وابدأ من جديد.
