# صفحة المستخدم الخاصة باتصاله، بالعربية.

keep-link = اعرض هذا الاتصال أو أنهِه في أي وقت
keep-note = احتفظ بهذا الرابط الخاص؛ فكل من يملكه يستطيع فعل ذلك.
connection-title = حسابك على { $provider } في { $app }
connection-lead = هذا ما ربطته مع { $app } ({ $domain }).
connection-lead-no-domain = هذا ما ربطته مع { $app }.
connection-status = الحالة
connection-since = مرتبط منذ
connection-no-permissions = لم تُمنح أي أذونات.
status-active = نشط
status-sign-in-again = لا يمكن استخدامه حتى تسجّل الدخول من جديد
status-ended-by-app = أنهاه { $app }
disconnect = إنهاء الاتصال
disconnect-title = هل تريد إنهاء الاتصال مع { $app }؟
disconnect-lead = لن يتمكن { $app } بعد ذلك من استخدام حسابك على { $provider }. يمكنك ربطه مرة أخرى لاحقًا.
disconnect-not = الإبقاء على الاتصال
disconnected-title = تم إنهاء الاتصال
disconnected-sentence = لم يعد بإمكان { $app } استخدام حسابك على { $provider }.
disconnected-rest = حُذف تسجيل الدخول الذي كان محفوظًا لهذا الغرض. أما ما تلقّاه { $app } قبل ذلك فيبقى لدى { $app }.
no-connection-title = لا يوجد اتصال هنا
no-connection-sentence = لقد أُنهي الاتصال، أو أن الرابط غير مكتمل. يمكن للتطبيق الذي ربطته أن يخبرك بالمزيد.
