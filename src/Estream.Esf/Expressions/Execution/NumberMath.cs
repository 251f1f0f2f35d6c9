namespace Estream.Esf.Expressions.Execution;

/// <summary>Results of binary64 arithmetic that are numbers. Infinities and NaN are none.</summary>
internal static class NumberMath
{
    public static Slot Finite(double value) => double.IsFinite(value) ? Slot.Of(value) : default;
}
