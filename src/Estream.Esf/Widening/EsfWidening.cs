using System.Buffers.Binary;
using Estream.Core;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Converts a message to a wider schema that extends its schema. The fields of the base schema are the first fields of the wider one. The
/// fixed and the variable section are copied as two blocks, and references are adjusted by the growth of the fixed block. Immutable and
/// thread-safe; allocates nothing.
/// </summary>
public sealed class EsfWidening
{
    private readonly FieldPlan[] _references;
    private readonly int _sharedPresence;
    private readonly byte _presenceMask = byte.MaxValue;
    private readonly int _grown;

    /// <summary>Prepares the conversion. Takes microseconds: create it once and keep the result.</summary>
    /// <param name="from">The base schema.</param>
    /// <param name="to">The wider schema.</param>
    /// <exception cref="ArgumentException">The fields of the base schema are not the first fields of the wider schema, with the same types
    /// and privacy.</exception>
    public EsfWidening(EsfSchema from, EsfSchema to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (!CanWiden(from, to))
        {
            throw new ArgumentException($"{to} does not begin with the fields of {from}. Write 'extends: {from.Name}' in its schema.");
        }

        (From, To) = (from, to);
        _grown = to.Plan.FixedLength - from.Plan.FixedLength;
        _references = [.. from.Plan.Fields.Where(field => field.IsReference)];
        if (from.Plan.Fields.LastOrDefault(field => field.PresenceMask != 0) is { } last)
        {
            // The presence byte may also have bits of later fields, which a message of the base schema must not set.
            _sharedPresence = last.PresenceOffset;
            _presenceMask = MaskOf(_sharedPresence, from.Plan.FixedLength);
        }
    }

    /// <summary>The base schema.</summary>
    public EsfSchema From { get; }

    /// <summary>The wider schema.</summary>
    public EsfSchema To { get; }

    /// <summary>The number of bytes by which a message grows before any additional field is set, if the message is not of an earlier
    /// version.</summary>
    public int AddedBytes => _grown;

    /// <summary>Whether the fields of one schema are the first fields of another schema, with the same types and privacy, and the other
    /// schema has more fields.</summary>
    /// <param name="from">The possible base schema.</param>
    /// <param name="to">The possible wider schema.</param>
    public static bool CanWiden(EsfSchema from, EsfSchema to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);

        // The canonical text contains everything that determines the bytes of a field.
        string first = from.Definition.CanonicalText[$"esf1 {from}".Length..^1];
        string second = to.Definition.CanonicalText[$"esf1 {to}".Length..];
        return second.StartsWith(first, StringComparison.Ordinal) && second[first.Length] == ',';
    }

    /// <summary>Begins a message of the wider schema with the fields of another message; the additional fields are absent or
    /// zero.</summary>
    /// <param name="message">An unsealed message of <see cref="From"/>. Its header and its references are checked, its values are
    /// not.</param>
    /// <param name="destination">Receives the message; must not overlap the original.</param>
    /// <returns>The length so far; the additional fields continue from there.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="EstreamFormatException">The message is of another schema, is sealed, has a withheld value, or contains a value that
    /// is valid only in another version of <see cref="From"/>.</exception>
    /// <exception cref="EstreamCorruptionException">A reference of the message points outside its variable section.</exception>
    public int Begin(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header) || From.FixedLengthOf(message) is 0)
        {
            throw new EstreamFormatException($"This is not a message of {From}, so it cannot be converted to {To}.", null);
        }

        if (header.IsSealed)
        {
            throw new EstreamFormatException(
                $"A sealed message of {From} cannot be converted to {To}, because its private values are sealed for {From.Name}. Open "
                + "it with an EsfUnsealer, convert it, and seal the result.", null);
        }

        int written = header.FixedLength;
        int length = message.Length - written + To.Plan.FixedLength;
        if (destination.Length < length)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} bytes, but the fields of {From.Name} need {length}. Pass a longer span.",
                nameof(destination));
        }

        int known = Math.Min(written, From.Plan.FixedLength);
        Span<byte> wider = destination[..length];
        BinaryPrimitives.WriteUInt64LittleEndian(wider, To.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(wider[8..], To.Shape);
        message[EsfMessageHeader.Length..known].CopyTo(wider[EsfMessageHeader.Length..]);
        wider[known..To.Plan.FixedLength].Clear();
        message[written..].CopyTo(wider[To.Plan.FixedLength..]);
        if (header.SchemaId == From.Id)
        {
            wider[_sharedPresence] &= _presenceMask;
        }
        else
        {
            TakeFromRelative(message, wider, written);
        }

        MoveReferences(message, wider, written, known);
        return length;
    }

    // Adjusts the references to the new offset of the variable section. A reference points into the variable section before and after.
    private void MoveReferences(ReadOnlySpan<byte> message, Span<byte> wider, int written, int known)
    {
        foreach (FieldPlan field in _references)
        {
            int at = field.Offset;
            if (at >= known)
            {
                break;
            }

            ulong reference = BinaryPrimitives.ReadUInt64LittleEndian(wider[at..]);
            if (reference == 0)
            {
                continue;
            }

            if (field.IsPrivate && RecordReads.IsSealed(wider, at))
            {
                throw new EstreamFormatException(
                    $"A message of {From} with '{field.Path}' withheld cannot be converted to {To}, because the value is sealed for "
                    + $"{From.Name}. Open the message with a key ring that has the key of the value.", null);
            }

            uint offset = (uint)reference;
            if (offset < written || offset + (reference >> 32) > (ulong)message.Length)
            {
                throw new EstreamCorruptionException(
                    $"A message of {From} is damaged: a field refers to bytes outside its variable section.", null);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(wider[at..], (uint)(offset - written + To.Plan.FixedLength));
        }
    }

    // Handles a message of another version. A field that the writer's version did not have is absent, whatever the bytes contain. A value
    // that is valid only in the writer's version must not be in a message of this version, so such a value causes an exception.
    private void TakeFromRelative(ReadOnlySpan<byte> message, Span<byte> wider, int written)
    {
        RecordCheck check = new(isRelative: false, PrivateRule.Any);
        foreach (FieldPlan field in From.Plan.Fields)
        {
            if (field.PresenceMask != 0 && field.PresenceOffset < written)
            {
                wider[field.PresenceOffset] &= MaskOf(field.PresenceOffset, written);
            }

            if (RecordReads.Read(field, message, written, out ReadOnlySpan<byte> value) == FieldState.Clear
                && check.CheckRegion(field.Type, value) is not EsfError.None and EsfError error)
            {
                throw new EstreamFormatException(
                    $"A message of another version of {From} has a value in '{field.Path}' that this version does not know ({error}), "
                    + $"so it cannot be converted to {To}. Update the schema.", null);
            }
        }
    }

    private byte MaskOf(int presenceOffset, int fixedLength)
    {
        byte mask = 0;
        foreach (FieldPlan field in From.Plan.Fields)
        {
            mask |= field.PresenceOffset == presenceOffset && field.End <= fixedLength ? field.PresenceMask : (byte)0;
        }

        return mask;
    }
}
