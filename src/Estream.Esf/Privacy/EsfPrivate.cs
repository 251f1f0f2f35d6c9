using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Esf;

/// <summary>What a view has of a private field: its value, or that it is withheld, or that it is absent.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
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

    /// <summary>Whether the field is there and its value is not to be read here: it is sealed, or was no reader's of the ring that opened
    /// the message.</summary>
    public bool IsWithheld => _state == State.Withheld;

    /// <summary>Whether the message does not have the field.</summary>
    public bool IsAbsent => _state == State.Absent;

    /// <summary>The value. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [SuppressMessage("Design", "CA1000", Justification = "Generated code names the type anyway.")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EsfPrivate<T> Of(T value) => new(value, State.Clear);

    /// <summary>No value. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [SuppressMessage("Design", "CA1000", Justification = "Generated code names the type anyway.")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EsfPrivate<T> Missing(bool isThere) => new(default, isThere ? State.Withheld : State.Absent);

    /// <summary>The value.</summary>
    /// <returns>False when it is withheld or absent.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return _state == State.Clear;
    }

    /// <summary>How the field stands, and never its value.</summary>
    public override string ToString() => _state switch
    {
        State.Absent => "absent",
        State.Withheld => "withheld",
        _ => "private",
    };
}
