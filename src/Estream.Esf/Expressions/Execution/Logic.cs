namespace Estream.Esf.Expressions.Execution;

/// <summary>The three-valued logic of Kleene: what is decided by one side needs no value of the other.</summary>
internal static class Logic
{
    public static Slot And(in Slot a, in Slot b) =>
        IsFalse(a) || IsFalse(b) ? Slot.Of(false) : a.IsThere && b.IsThere ? Slot.Of(true) : default;

    public static Slot Or(in Slot a, in Slot b) =>
        IsTrue(a) || IsTrue(b) ? Slot.Of(true) : a.IsThere && b.IsThere ? Slot.Of(false) : default;

    private static bool IsTrue(in Slot slot) => slot.IsThere && slot.Boolean;

    private static bool IsFalse(in Slot slot) => slot.IsThere && !slot.Boolean;
}
