namespace Estream.Queue.Internal;

/// <summary>The part of queue.meta that says what is on the device, and what the last crash of the machine took; docs/formats/queue.md has
/// the essay.</summary>
internal static class DurabilityLayout
{
    public const int BootOffset = 256;
    public const int BootBytes = 16;
    public const int DurableOffset = 272;
    public const int FailedAtOffset = 280;

    public const int ReportOffset = 288;
    public const int RecoveredAtOffset = 288;
    public const int VerifiedFromOffset = 296;
    public const int EndOffset = 304;
    public const int CutToOffset = 312;
    public const int CutMessagesOffset = 320;
    public const int CutSegmentsOffset = 328;
    public const int CauseOffset = 332;
    public const int ReportBytes = 48;
    public const int ReportCheckOffset = 336;

    public const string RecoveryLockFile = "recovery.lock";
    public const string LostSuffix = ".lost";
}
