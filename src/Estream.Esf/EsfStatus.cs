using System.Text;
using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// The result of encoding, checking or writing a message: success, or the error with its field and byte offset in the input.
/// Creating a status allocates nothing; <see cref="Describe"/> builds the text.
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

    /// <summary>The status of a successful operation.</summary>
    public static EsfStatus Ok => default;

    /// <summary>True if there is no error.</summary>
    public bool IsOk => Error == EsfError.None;

    /// <summary>The error.</summary>
    public EsfError Error { get; }

    /// <summary>The path of the field with the error, from the root (<c>location.latitude</c>); null if the error concerns no
    /// field.</summary>
    public string? Field => _field?.Path;

    /// <summary>The offset of the error in the input, in bytes from 0.</summary>
    public int Offset { get; }

    /// <summary>True if the destination was too small; a retry with a longer destination may succeed.</summary>
    public bool IsDestinationTooSmall => Error == EsfError.DestinationTooSmall;

    /// <summary>Returns a description with the name of the field. Allocates.</summary>
    public override string ToString() => Describe(default);

    /// <summary>Returns a description. Allocates.</summary>
    /// <param name="input">The rejected JSON or message, used to name unknown members; may be empty.</param>
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
