using System.Text;
using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// The outcome of encoding, checking or writing a message: fine, or what is wrong, with which field, at which byte of
/// the input. Costs nothing to make; the words are put together only when <see cref="Describe"/> is called.
/// </summary>
public readonly struct EsfStatus
{
    private readonly FieldPlan? _field;

    internal EsfStatus(EsfError error, FieldPlan? field = null, int offset = 0)
    {
        Error = error;
        _field = field;
        Offset = offset;
    }

    /// <summary>A message without fault.</summary>
    public static EsfStatus Ok => default;

    /// <summary>True when nothing is wrong.</summary>
    public bool IsOk => Error == EsfError.None;

    /// <summary>What is wrong.</summary>
    public EsfError Error { get; }

    /// <summary>The field it is wrong with, from the root (<c>location.latitude</c>); null when it is no field's fault.</summary>
    public string? Field => _field?.Path;

    /// <summary>Byte of the input, counted from 0, where it was noticed.</summary>
    public int Offset { get; }

    /// <summary>True when a longer destination may help.</summary>
    public bool IsDestinationTooSmall => Error == EsfError.DestinationTooSmall;

    /// <summary>The reason in words, with the name of the field. Allocates.</summary>
    public override string ToString() => Describe(default);

    /// <summary>The reason in words. Allocates.</summary>
    /// <param name="input">The JSON or the message that was refused, so that unknown members can be named; may be empty.</param>
    public string Describe(ReadOnlySpan<byte> input)
    {
        if (IsOk)
        {
            return "ok";
        }

        StringBuilder text = new();
        if (_field is not null)
        {
            text.Append("field '").Append(_field.Path).Append("': ");
        }

        return text.Append(ErrorText.Of(Error, _field, Offset, input)).Append(" (at byte ").Append(Offset).Append(')').ToString();
    }
}
