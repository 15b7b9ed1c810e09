# 接続についての利用者本人のページ（日本語）。

keep-link = この接続をいつでも確認または解除する
keep-note = このリンクは非公開です。大切に保管してください。リンクを知る人は誰でもこの操作ができます。
connection-title = { $app } に接続した { $provider } アカウント
connection-lead = { $app }（{ $domain }）に接続した内容です。
connection-lead-no-domain = { $app } に接続した内容です。
connection-status = 状態
connection-since = 接続日
connection-no-permissions = 許可された権限はありません。
status-active = 有効
status-sign-in-again = もう一度サインインするまで利用できません
status-ended-by-app = { $app } が終了しました
disconnect = 接続を解除
disconnect-title = { $app } との接続を解除しますか？
disconnect-lead = { $app } は { $provider } アカウントを利用できなくなります。あとで接続し直すこともできます。
disconnect-not = 接続したままにする
disconnected-title = 接続を解除しました
disconnected-sentence = { $app } は { $provider } アカウントを利用できなくなりました。
disconnected-rest = このために保管していたサインイン情報は削除されました。これまでに { $app } が受け取った情報は { $app } に残ります。
no-connection-title = 接続が見つかりません
no-connection-sentence = 接続が解除されたか、リンクが途中で切れています。詳しくは、接続したアプリでご確認ください。
