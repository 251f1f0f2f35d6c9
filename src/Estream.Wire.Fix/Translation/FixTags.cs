namespace Estream.Wire.Fix.Translation;

/// <summary>The tags of translated fields.</summary>
internal static class FixTags
{
    public const int AvgPx = 6;
    public const int ClOrdId = 11;
    public const int Commission = 12;
    public const int CommType = 13;
    public const int CumQty = 14;
    public const int ExecId = 17;
    public const int ExecTransType = 20;
    public const int HandlInst = 21;
    public const int LastMkt = 30;
    public const int LastPx = 31;
    public const int LastQty = 32;
    public const int OrderId = 37;
    public const int OrderQty = 38;
    public const int OrdStatus = 39;
    public const int OrdType = 40;
    public const int OrigClOrdId = 41;
    public const int Price = 44;
    public const int Side = 54;
    public const int Symbol = 55;
    public const int TimeInForce = 59;
    public const int TransactTime = 60;
    public const int PossResend = 97;
    public const int StopPx = 99;
    public const int CxlRejReason = 102;
    public const int ExecType = 150;
    public const int LeavesQty = 151;
    public const int NoMdEntries = 268;
    public const int MdEntryType = 269;
    public const int MdEntryPx = 270;
    public const int MdEntrySize = 271;
    public const int MdEntryDate = 272;
    public const int MdEntryTime = 273;
    public const int MessageEncoding = 347;
    public const int TotalVolumeTraded = 387;
    public const int CxlRejResponseTo = 434;
    public const int SecondaryClOrdId = 526;
    public const int LastUpdateTime = 779;
    public const int ApplVerId = 1128;
}
