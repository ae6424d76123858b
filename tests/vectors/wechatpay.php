<?php
// Makes wechatpay.jsonl: notifications of WeChat Pay (APIv3) whose `resource` is encrypted by WeChat
// Pay's official PHP library. In an empty folder:
//
//   composer require wechatpay/wechatpay
//   php wechatpay.php vendor/autoload.php >wechatpay.jsonl
require $argv[1];

use WeChatPay\Crypto\AesGcm;

$key = 'An-APIv3-key-has-32-characters-0';
$clear = [
    ['transaction', '{"mchid":"1230000109","out_trade_no":"1217752501201407033233368018","amount":{"total":100,"currency":"CNY"},"attach":"自定义数据 \"A\\\\B\""}'],
    ['transaction', '{"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"attach":"'.str_repeat('张伟', 700).'"}'],
    ['refund', '{"refund_status":"SUCCESS","user_received_account":"招商银行信用卡0403"}'],
    ['', '{}'],
];
foreach ($clear as $number => [$associated, $text]) {
    $nonce = substr(strtr(base64_encode(hash('sha256', "nonce $number", true)), '+/', 'ab'), 0, 12);
    echo json_encode([
        'key' => $key,
        'clear' => $text,
        'body' => json_encode([
            'id' => "EV-201802251122332$number",
            'create_time' => '2015-05-20T13:29:35+08:00',
            'resource_type' => 'encrypt-resource',
            'event_type' => 'TRANSACTION.SUCCESS',
            'summary' => '支付成功',
            'resource' => [
                'original_type' => 'transaction',
                'algorithm' => 'AEAD_AES_256_GCM',
                'ciphertext' => AesGcm::encrypt($text, $key, $nonce, $associated),
                'associated_data' => $associated,
                'nonce' => $nonce,
            ],
        ], JSON_UNESCAPED_UNICODE),
    ], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
}
