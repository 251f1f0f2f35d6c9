namespace Estream.Wire.Fix.Session;

/// <summary>The session message types; all others are application messages.</summary>
internal static class MsgTypes
{
    public const char Heartbeat = '0';
    public const char TestRequest = '1';
    public const char ResendRequest = '2';
    public const char Reject = '3';
    public const char SequenceReset = '4';
    public const char Logout = '5';
    public const char Logon = 'A';

    public static bool IsOfSession(ReadOnlySpan<byte> msgType)
    {
        return msgType.Length == 1 && (char)msgType[0] is Heartbeat or TestRequest or ResendRequest or Reject or SequenceReset or Logout
            or Logon;
    }
}
