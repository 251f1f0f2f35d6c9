using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Esf;

/// <summary>A private field in a view. The field has a value, is withheld, or is absent.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly ref struct EsfPrivate<T>
    where T : allows ref struct
{
    private readonly T? _value;
    private readonly State _state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private EsfPrivate(T? value, State state)
    {
        _value = value;
        _state = state;
    }

    private enum State : byte
    {
        Absent,
        Withheld,
        Clear,
    }

    /// <summary>Whether the field is present, but its value cannot be read here: it is sealed, or the key ring that opened the message has
    /// no key for it.</summary>
    public bool IsWithheld => _state == State.Withheld;

    /// <summary>Whether the message does not have the field.</summary>
    public bool IsAbsent => _state == State.Absent;

    /// <summary>Creates a field with a value. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [SuppressMessage("Design", "CA1000", Justification = "Generated code names the type anyway.")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EsfPrivate<T> Of(T value) => new(value, State.Clear);

    /// <summary>Creates a field without a value. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [SuppressMessage("Design", "CA1000", Justification = "Generated code names the type anyway.")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EsfPrivate<T> Missing(bool isThere) => new(default, isThere ? State.Withheld : State.Absent);

    /// <summary>Gets the value.</summary>
    /// <returns>False if the value is withheld or absent.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return _state == State.Clear;
    }

    /// <summary>Returns the state of the field, never its value.</summary>
    public override string ToString() => _state switch
    {
        State.Absent => "absent",
        State.Withheld => "withheld",
        _ => "private",
    };
}
