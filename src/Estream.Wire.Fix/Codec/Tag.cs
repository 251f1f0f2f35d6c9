namespace Estream.Wire.Fix.Codec;

/// <summary>The tags of the fields that the codec and the session read and write.</summary>
internal static class Tag
{
    public const int BeginSeqNo = 7;
    public const int BeginString = 8;
    public const int BodyLength = 9;
    public const int CheckSum = 10;
    public const int EndSeqNo = 16;
    public const int MsgSeqNum = 34;
    public const int MsgType = 35;
    public const int NewSeqNo = 36;
    public const int PossDupFlag = 43;
    public const int RefSeqNum = 45;
    public const int SenderCompId = 49;
    public const int SenderSubId = 50;
    public const int SendingTime = 52;
    public const int TargetCompId = 56;
    public const int TargetSubId = 57;
    public const int Text = 58;
    public const int Signature = 89;
    public const int SignatureLength = 93;
    public const int EncryptMethod = 98;
    public const int HeartBtInt = 108;
    public const int TestReqId = 112;
    public const int OnBehalfOfCompId = 115;
    public const int OnBehalfOfSubId = 116;
    public const int OrigSendingTime = 122;
    public const int GapFillFlag = 123;
    public const int DeliverToCompId = 128;
    public const int DeliverToSubId = 129;
    public const int ResetSeqNumFlag = 141;
    public const int SenderLocationId = 142;
    public const int TargetLocationId = 143;
    public const int OnBehalfOfLocationId = 144;
    public const int DeliverToLocationId = 145;
    public const int LastMsgSeqNumProcessed = 369;
    public const int RefTagId = 371;
    public const int RefMsgType = 372;
    public const int SessionRejectReason = 373;
    public const int BusinessRejectReason = 380;
    public const int Username = 553;
    public const int Password = 554;
    public const int NextExpectedMsgSeqNum = 789;
    public const int ApplVerId = 1128;
    public const int DefaultApplVerId = 1137;

    /// <summary>The first tag for user-defined fields, which two counterparties can agree on.</summary>
    public const int FirstUserDefined = 5000;

    /// <summary>Whether a field belongs to the header in any version (FIX 4.2 to FIXT 1.1), including the members of NoHops.</summary>
    public static bool IsHeader(int tag)
    {
        return tag is BeginString or BodyLength or MsgType or MsgSeqNum or PossDupFlag or SenderCompId or SenderSubId or SendingTime
            or TargetCompId or TargetSubId or 90 or 91 or 97 or OnBehalfOfCompId or OnBehalfOfSubId or OrigSendingTime or DeliverToCompId
            or DeliverToSubId or SenderLocationId or TargetLocationId or OnBehalfOfLocationId or DeliverToLocationId or 212 or 213 or 347
            or LastMsgSeqNumProcessed or 370 or 627 or 628 or 629 or 630 or 1128 or 1129 or 1156;
    }

    /// <summary>Whether a field belongs to the trailer.</summary>
    public static bool IsTrailer(int tag)
    {
        return tag is CheckSum or Signature or SignatureLength;
    }
}
