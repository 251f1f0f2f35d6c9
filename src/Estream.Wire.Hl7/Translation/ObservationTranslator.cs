using Estream.Health;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates one OBX, with the OBR before it and the PID of its message, into FhirObservation. The last level of the topic is the
/// index of the OBX among the segments.</summary>
internal sealed class ObservationTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    private const int EncodingReserve = 2_048;
    private const int MaxFlag = 8;

    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        int index = IndexOf(topic, message, "OBX"u8);
        if (index < 0)
        {
            return TranslateStatus.Unfit("the message has no OBX segment at this index");
        }

        Hl7Segment obx = message[index];
        int order = message.LastIndexOf("OBR"u8, index);
        Hl7Segment obr = order < 0 ? default : message[order];
        Span<byte> id = work.Id;
        if (!ObservationIds.TryWrite(Options.Pseudonyms!, message, order, index, work, id))
        {
            return TranslateStatus.Unfit("the numbers that identify the observation are too long");
        }

        if (!IsIdentified(obx))
        {
            return TranslateStatus.Unfit("OBX-3, the observed property, is empty");
        }

        FhirObservation.Writer writer = FhirObservation.Write(destination);
        writer.Id = id;
        writer.Status = StatusOf(obx[11].Component(1));
        FhirObservation.CodeableConceptWriter code = writer.BeginCode();
        WriteConcept(ref code, obx[3].First, work.Text);
        writer.EndCode(code);
        WriteReferences(ref writer, message, work);
        WriteTime(ref writer, obx, obr, work);
        WriteValue(ref writer, obx, work);
        WriteInterpretation(ref writer, obx, work.Text);
        WriteRange(ref writer, obx[7].First, work.Text);
        WriteNotes(ref writer, message, index, work.Text);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    /// <summary>The number of bytes that are sufficient for nearly all observations: those of the OBX and its notes count, and not those of
    /// the whole message.</summary>
    public override int? EstimateLength(in WireMessage message)
    {
        Hl7Work.Of(message.Payload, Options.Limits, out Hl7Message parsed, out Hl7Status status);
        int index = status == Hl7Status.Ok ? IndexOf(message.Topic, parsed, "OBX"u8) : -1;
        if (index < 0)
        {
            return EncodingReserve;
        }

        int length = parsed[index].Bytes.Length;
        for (int i = index + 1; i < parsed.SegmentCount && parsed[i].Name.SequenceEqual("NTE"u8); i++)
        {
            length += parsed[i].Bytes.Length;
        }

        return EncodingReserve + (4 * length);
    }

    /// <summary>Whether a segment is an OBX with a property.</summary>
    internal static bool IsIdentified(Hl7Segment obx) =>
        Hl7Value.IsPresent(obx[3].Component(1)) || Hl7Value.IsPresent(obx[3].Component(2));

    /// <summary>HL7 table 0085.</summary>
    private static ObservationStatus StatusOf(ReadOnlySpan<byte> status) =>
        status is not [var letter] ? ObservationStatus.Unknown : letter switch
        {
            (byte)'F' or (byte)'U' => ObservationStatus.Final,
            (byte)'C' => ObservationStatus.Corrected,
            (byte)'A' => ObservationStatus.Amended,
            (byte)'P' or (byte)'R' or (byte)'S' => ObservationStatus.Preliminary,
            (byte)'I' or (byte)'O' => ObservationStatus.Registered,
            (byte)'D' or (byte)'W' => ObservationStatus.EnteredInError,
            (byte)'X' => ObservationStatus.Cancelled,
            _ => ObservationStatus.Unknown,
        };

    private static void WriteConcept(ref FhirObservation.CodeableConceptWriter writer, Hl7Field field, Hl7Text text)
    {
        var codings = writer.BeginCoding();
        for (int first = 1; first <= Hl7Concept.Alternate; first += Hl7Concept.Alternate - 1)
        {
            if (Hl7Concept.IsCoded(field, first, text))
            {
                FhirObservation.CodingWriter coding = codings.Begin();
                coding.System = Hl7Concept.System(field, first, text);
                coding.Code = text.Read(field.Component(first));
                codings.End(coding);
            }
        }

        writer.EndCoding(codings);
        if (!Hl7Concept.Words(field, text).IsEmpty)
        {
            writer.Text = Hl7Concept.Words(field, text);
        }
    }

    private void WriteReferences(ref FhirObservation.Writer writer, in Hl7Message message, Hl7Work work)
    {
        ReadOnlySpan<byte> patient = PatientReference(message, work);
        if (!patient.IsEmpty)
        {
            FhirObservation.ReferenceWriter subject = writer.BeginSubject();
            subject.Reference = patient;
            writer.EndSubject(subject);
        }

        ReadOnlySpan<byte> visit = EncounterReference(message, work);
        if (!visit.IsEmpty)
        {
            FhirObservation.ReferenceWriter encounter = writer.BeginEncounter();
            encounter.Reference = visit;
            writer.EndEncounter(encounter);
        }
    }

    /// <summary>OBX-14, or else OBR-7.</summary>
    private void WriteTime(ref FhirObservation.Writer writer, Hl7Segment obx, Hl7Segment obr, Hl7Work work)
    {
        ReadOnlySpan<byte> time = FirstTime(work, obx[14].Component(1), obr[7].Component(1));
        if (!time.IsEmpty)
        {
            writer.EffectiveAt = time;
        }
    }

    /// <summary>OBX-5 by the data type in OBX-2. A value that its type does not describe is stored as text; encapsulated data (ED, RP) is
    /// only in the whole message.</summary>
    private void WriteValue(ref FhirObservation.Writer writer, Hl7Segment obx, Hl7Work work)
    {
        Hl7Text text = work.Text;
        ReadOnlySpan<byte> type = obx[2].Component(1);
        Hl7Field field = obx[5];
        if (field.IsEmpty || field.IsNull || type.SequenceEqual("ED"u8) || type.SequenceEqual("RP"u8))
        {
            return;
        }

        FhirObservation.ObservationValueWriter value = writer.BeginValue();
        if (!TryWriteTyped(ref value, type, field, obx[6].First, work))
        {
            value.Text = text.Read(field.Bytes);
        }

        writer.EndValue(value);
    }

    private bool TryWriteTyped(
        ref FhirObservation.ObservationValueWriter value, ReadOnlySpan<byte> type, Hl7Field field, Hl7Field unit, Hl7Work work)
    {
        Hl7Text text = work.Text;
        if (type.SequenceEqual("NM"u8) && Hl7Number.TryRead(field.Bytes, out Hl7Number number))
        {
            FhirObservation.QuantityWriter quantity = value.BeginQuantity();
            WriteQuantity(ref quantity, number, unit, text);
            value.EndQuantity(quantity);
            return true;
        }

        if (type.SequenceEqual("SN"u8))
        {
            return TryWriteStructured(ref value, field, unit, text);
        }

        if ((type.SequenceEqual("CE"u8) || type.SequenceEqual("CWE"u8) || type.SequenceEqual("CNE"u8) || type.SequenceEqual("CF"u8))
            && field.Bytes.Length == field.First.Bytes.Length)
        {
            FhirObservation.CodeableConceptWriter concept = value.BeginCodeableConcept();
            WriteConcept(ref concept, field.First, text);
            value.EndCodeableConcept(concept);
            return true;
        }

        if (type.SequenceEqual("DT"u8) || type.SequenceEqual("TS"u8) || type.SequenceEqual("DTM"u8))
        {
            ReadOnlySpan<byte> time = FirstTime(work, field.Component(1));
            if (!time.IsEmpty)
            {
                value.DateTime = time;
                return true;
            }
        }

        return false;
    }

    /// <summary>Data type SN: comparator, number, separator, number. A range or ratio is stored as text.</summary>
    private static bool TryWriteStructured(
        ref FhirObservation.ObservationValueWriter value, Hl7Field field, Hl7Field unit, Hl7Text text)
    {
        ReadOnlySpan<byte> sign = field.Component(1);
        QuantityComparator? comparator = sign.SequenceEqual("<"u8) ? QuantityComparator.Less
            : sign.SequenceEqual("<="u8) ? QuantityComparator.LessOrEqual
            : sign.SequenceEqual(">="u8) ? QuantityComparator.GreaterOrEqual
            : sign.SequenceEqual(">"u8) ? QuantityComparator.Greater
            : null;
        bool isPlain = sign.IsEmpty || sign.SequenceEqual("="u8);
        if ((comparator is null && !isPlain) || !field.Component(3).IsEmpty
            || !Hl7Number.TryRead(field.Component(2), out Hl7Number number))
        {
            return false;
        }

        FhirObservation.QuantityWriter quantity = value.BeginQuantity();
        if (comparator is { } one)
        {
            quantity.Comparator = one;
        }

        WriteQuantity(ref quantity, number, unit, text);
        value.EndQuantity(quantity);
        return true;
    }

    private static void WriteQuantity(ref FhirObservation.QuantityWriter writer, Hl7Number number, Hl7Field unit, Hl7Text text)
    {
        writer.Value = number.Value;
        writer.Scale = number.Scale;
        if (!Hl7Value.IsUnit(text.Read(unit.Component(1))))
        {
            return;
        }

        writer.Unit = text.Read(unit.Component(1));
        if (Hl7Value.IsCode(text.Read(unit.Component(3))))
        {
            writer.System = Hl7Concept.SystemOf(text.Read(unit.Component(3)));
            writer.Code = text.Read(unit.Component(1));
        }
    }

    /// <summary>OBX-8, HL7 table 0078.</summary>
    private static void WriteInterpretation(ref FhirObservation.Writer writer, Hl7Segment obx, Hl7Text text)
    {
        var concepts = writer.BeginInterpretation();
        foreach (Hl7Field flag in obx[8].Repetitions)
        {
            if (text.Read(flag.Component(1)).IsEmpty)
            {
                continue;
            }

            FhirObservation.CodeableConceptWriter concept = concepts.Begin();
            if (Hl7Value.IsCode(text.Read(flag.Component(1)), MaxFlag))
            {
                var codings = concept.BeginCoding();
                FhirObservation.CodingWriter coding = codings.Begin();
                coding.System = "http://terminology.hl7.org/CodeSystem/v2-0078"u8;
                coding.Code = text.Read(flag.Component(1));
                codings.End(coding);
                concept.EndCoding(codings);
            }
            else
            {
                concept.Text = text.Read(flag.Bytes);
            }

            concepts.End(concept);
        }

        writer.EndInterpretation(concepts);
    }

    /// <summary>OBX-7, stored as text, which is private.</summary>
    private static void WriteRange(ref FhirObservation.Writer writer, Hl7Field range, Hl7Text text)
    {
        if (text.Read(range.Bytes).IsEmpty)
        {
            return;
        }

        var ranges = writer.BeginReferenceRange();
        FhirObservation.ReferenceRangeWriter one = ranges.Begin();
        one.Text = text.Read(range.Bytes);
        ranges.End(one);
        writer.EndReferenceRange(ranges);
    }

    /// <summary>The NTE segments that follow the OBX.</summary>
    private static void WriteNotes(ref FhirObservation.Writer writer, in Hl7Message message, int index, Hl7Text text)
    {
        var notes = writer.BeginNote();
        for (int i = index + 1; i < message.SegmentCount && message[i].Name.SequenceEqual("NTE"u8); i++)
        {
            if (!text.Read(message[i][3].Bytes).IsEmpty)
            {
                FhirObservation.NoteItemWriter note = notes.Begin();
                note.Text = text.Read(message[i][3].Bytes);
                notes.End(note);
            }
        }

        writer.EndNote(notes);
    }
}
