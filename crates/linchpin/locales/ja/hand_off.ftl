# Going on on a phone, in Japanese. Keys and gaps as in the English file.

continue-on-phone = スマートフォンで続ける
continue-here = この画面で続ける

## The first screen

hand-off-title = スマートフォンで読み取ってください
hand-off-lead = スマートフォンにまず { $app } の名前が表示され、次にこの画面にある言葉をお尋ねします。
hand-off-code = このステップをスマートフォンで開くQRコード
hand-off-phrase = スマートフォンで選ぶ言葉
hand-off-time = このコードの有効時間は残り { $time } です
hand-off-late-title = コードの有効期限が切れました
hand-off-late-lead = コードの有効期限は2分間です。この画面の内容はそのまま残っています。
hand-off-refused-title = 言葉が一致しませんでした
hand-off-refused-lead = スマートフォンで別の言葉が選ばれたため、このコードは無効になりました。お心当たりがない場合は、この画面でお続けください。
hand-off-again = 新しいコードを表示
hand-off-waiting-title = スマートフォンでお続けください
hand-off-waiting-lead = スマートフォンでの操作が終わると、このページは自動的に進みます。

## The phone

hand-off-question = もう一方の画面にある言葉はどれですか？
hand-off-none = どれでもありません
hand-off-warning = もう一方の画面で { $app } をご自身で開いた場合にのみお続けください。このコードが誰かから送られてきた場合は、「どれでもありません」を選んでください。
hand-off-screen = もう一方の画面
hand-off-private = プライベートネットワーク内
hand-off-network = ネットワーク { $network }
hand-off-shared = このスマートフォンと同じネットワーク
hand-off-apart = このスマートフォンとは別のネットワーク
hand-off-wrong-title = その言葉は表示されていません
hand-off-wrong-lead = このスマートフォンでは続けられません。もう一度試すには、もう一方の画面で新しいコードを表示してください。
hand-off-no-longer-title = このコードは無効です
hand-off-no-longer-lead = コードは1回限りで、有効期限は2分間です。もう一方の画面で新しいコードを表示してください。
hand-off-taken-back-title = もう一方の画面で続いています
hand-off-close-lead = このページは閉じてもかまいません。
hand-off-done = もう一方の画面にお戻りください。自動的に進みます。このページは閉じてもかまいません。
hand-off-ended-title = 何も連携されませんでした
hand-off-ended-lead = もう一方の画面が自動的に進みます。このページは閉じてもかまいません。

## The words to choose from

phrase-quiet-river = 静かな川
phrase-red-bicycle = 赤い自転車
phrase-old-lighthouse = 古い灯台
phrase-warm-bread = 温かいパン
phrase-sleepy-owl = 眠そうなフクロウ
phrase-green-umbrella = 緑の傘
phrase-paper-boat = 紙の船
phrase-golden-key = 金の鍵
phrase-wooden-bridge = 木の橋
phrase-silver-spoon = 銀のスプーン
phrase-ripe-lemon = 熟したレモン
phrase-snowy-mountain = 雪の山
phrase-blue-door = 青いドア
phrase-clever-fox = 賢いキツネ
phrase-round-table = 丸いテーブル
phrase-tall-tree = 高い木
phrase-white-feather = 白い羽
phrase-full-moon = 満ちた月
phrase-open-window = 開いた窓
phrase-striped-cat = しま模様の猫
phrase-soft-pillow = 柔らかい枕
phrase-hot-soup = 熱いスープ
phrase-long-train = 長い列車
phrase-purple-flower = 紫の花
