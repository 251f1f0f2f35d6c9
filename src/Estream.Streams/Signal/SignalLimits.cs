namespace Estream.Streams;

/// <summary>How long the value of a signal may be.</summary>
internal static class SignalLimits
{
    private const int LongestValue = 16 << 20;

    public static int Checked(int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, Esf.EsfMessageHeader.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, LongestValue);
        return maxLength;
    }
}
