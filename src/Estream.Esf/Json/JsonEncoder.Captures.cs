using Estream.Esf.Internal;

namespace Estream.Esf.Json;

/// <summary>Encodes values taken from the topic. They are written first, and compared with the body if the body repeats them.</summary>
internal ref partial struct JsonEncoder
{
    private EsfError WriteCaptures(ReadOnlySpan<byte> text, ReadOnlySpan<FieldCapture> captures, ref FieldSet captured)
    {
        foreach (FieldCapture capture in captures)
        {
            FieldPlan field = capture.Field.Plan;
            ReadOnlySpan<byte> value = text.Slice(capture.Start, capture.Length);
            EsfError error = field.IsReference ? AppendCapture(field, value) : WriteFixedCapture(field, value);
            if (error != EsfError.None)
            {
                return Fail(error is EsfError.TooLong or EsfError.DestinationTooSmall ? error : EsfError.InvalidCapture, field, 0);
            }

            captured.Add(field.Ordinal);
        }

        return EsfError.None;
    }

    private EsfError AppendCapture(FieldPlan field, ReadOnlySpan<byte> value)
    {
        int begin = _end;
        EsfError error = field.Type.Size == 0 ? AppendText(field.Type, value, hasEscapes: false)
            : !TryReserve(field.Type.Size) ? EsfError.DestinationTooSmall
            : ScalarText.TryParse(field.Type, value, _destination.Slice(begin, field.Type.Size));
        if (error == EsfError.None)
        {
            SetReference(0, field.Offset, begin);
        }

        return error;
    }

    private readonly EsfError WriteFixedCapture(FieldPlan field, ReadOnlySpan<byte> value)
    {
        MarkPresent(field, 0);
        return ScalarText.TryParse(field.Type, value, _destination.Slice(field.Offset, field.Type.Size));
    }

    /// <summary>
    /// Compares a captured value with the value in the body. The body may repeat the captured value but must not contradict it, because the
    /// encoder cannot know which value is correct.
    /// </summary>
    private EsfError CompareWithCapture(FieldPlan field, int start)
    {
        RecordReads.TryGet(field, _destination[start..], field.End, out ReadOnlySpan<byte> captured);
        if (!field.IsReference)
        {
            Span<byte> slot = stackalloc byte[32];
            slot = slot[..field.Type.Size];
            EsfError error = WriteFixed(field.Type, slot);
            return error != EsfError.None || slot.SequenceEqual(captured) ? error : EsfError.CaptureMismatch;
        }

        int begin = _end;
        EsfError appended = AppendRegion(field.Type);
        if (appended != EsfError.None)
        {
            return appended;
        }

        bool same = _destination[begin.._end].SequenceEqual(captured);
        _end = begin;
        return same ? EsfError.None : EsfError.CaptureMismatch;
    }
}
