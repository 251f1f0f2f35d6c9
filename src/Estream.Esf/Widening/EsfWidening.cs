using System.Buffers.Binary;
using Estream.Core;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Makes a message of a wider schema of a message of the schema it extends: the fields of the latter are its first ones. They are copied as
/// two blocks, the fixed one and the variable one, and only references move, by as much as the fixed block has grown. Immutable and
/// thread-safe; allocates nothing.
/// </summary>
public sealed class EsfWidening
{
    private readonly FieldPlan[] _references;
    private readonly int _sharedPresence;
    private readonly byte _presenceMask = byte.MaxValue;
    private readonly int _grown;

    /// <summary>Prepares it. Costs microseconds: do it once and keep the result.</summary>
    /// <param name="from">The schema that is extended.</param>
    /// <param name="to">The wider one.</param>
    /// <exception cref="ArgumentException">The fields of the first are not the first fields of the second, with the same types and
    /// privacy.</exception>
    public EsfWidening(EsfSchema from, EsfSchema to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (!CanWiden(from, to))
        {
            throw new ArgumentException($"{to} does not begin with the fields of {from}: write 'extends: {from.Name}' in its schema.");
        }

        (From, To) = (from, to);
        _grown = to.Plan.FixedLength - from.Plan.FixedLength;
        _references = [.. from.Plan.Fields.Where(field => field.IsReference)];
        if (from.Plan.Fields.LastOrDefault(field => field.PresenceMask != 0) is { } last)
        {
            // Its byte may have bits of fields behind these, which no message of the first schema can set.
            _sharedPresence = last.PresenceOffset;
            _presenceMask = MaskOf(_sharedPresence, from.Plan.FixedLength);
        }
    }

    /// <summary>The schema that is extended.</summary>
    public EsfSchema From { get; }

    /// <summary>The wider schema.</summary>
    public EsfSchema To { get; }

    /// <summary>How much longer a message becomes before any of the wider schema's own fields is set, where it is not of an earlier
    /// version.</summary>
    public int AddedBytes => _grown;

    /// <summary>Whether the fields of one schema are the first fields of another, with the same types and privacy, and that has
    /// more.</summary>
    /// <param name="from">The one that may be extended.</param>
    /// <param name="to">The one that may be wider.</param>
    public static bool CanWiden(EsfSchema from, EsfSchema to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);

        // What decides the bytes of a field, in the words of the canonical text.
        string first = from.Definition.CanonicalText[$"esf1 {from}".Length..^1];
        string second = to.Definition.CanonicalText[$"esf1 {to}".Length..];
        return second.StartsWith(first, StringComparison.Ordinal) && second[first.Length] == ',';
    }

    /// <summary>Begins a message of the wider schema with the fields of another message; its own fields are absent or zero.</summary>
    /// <param name="message">A message of <see cref="From"/>, in clear. Its header and its references are checked, its values are
    /// not.</param>
    /// <param name="destination">Where to; not over the message.</param>
    /// <returns>How long it is so far; what the wider schema has more goes on from there.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="EstreamFormatException">It is no such message, it is sealed or a value of it is withheld, or it is of another
    /// version and holds what only that version knows.</exception>
    /// <exception cref="EstreamCorruptionException">A reference of the message leads out of its variable section.</exception>
    public int Begin(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header) || From.FixedLengthOf(message) is 0)
        {
            throw new EstreamFormatException($"This is not a message of {From}, of which {To} is made.", null);
        }

        if (header.IsSealed)
        {
            throw new EstreamFormatException(
                $"A sealed message of {From} cannot become one of {To}: its private values are sealed for the former. Open it with an "
                + "EsfUnsealer first, and seal what becomes of it anew.", null);
        }

        int written = header.FixedLength;
        int length = message.Length - written + To.Plan.FixedLength;
        if (destination.Length < length)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} bytes, and {length} are needed before anything is added: pass a longer span.",
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

    // A reference leads behind the fixed block, and so does what it becomes.
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
                    $"A message of {From} with '{field.Path}' withheld cannot become one of {To}: the value is sealed for the former. "
                    + "Open it with a ring that has its key.", null);
            }

            uint offset = (uint)reference;
            if (offset < written || offset + (reference >> 32) > (ulong)message.Length)
            {
                throw new EstreamCorruptionException(
                    $"A message of {From} is damaged: a field refers to bytes outside of its variable section.", null);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(wider[at..], (uint)(offset - written + To.Plan.FixedLength));
        }
    }

    // What another version of the schema wrote: a field that it did not know is absent, whatever the bytes say, and what only it knows is
    // no part of a message that says it is of this version.
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
                    $"A message of another version of {From} holds something in '{field.Path}' that this version does not know ({error}), "
                    + $"so it cannot become one of {To}. Bring the schema up to date.", null);
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
