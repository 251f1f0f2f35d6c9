namespace Estream.Esf.Expressions.Execution;

/// <summary>Results of binary64 arithmetic. Infinities and NaN have no value.</summary>
internal static class NumberMath
{
    public static Slot Finite(double value) => double.IsFinite(value) ? Slot.Of(value) : default;
}
