namespace Estream.Streams;

/// <summary>Limits for the length of a signal's value.</summary>
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
