using System.Buffers.Text;
using System.Text;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates TXA, with the OBX after it, into FhirDocumentReference.</summary>
internal sealed class DocumentTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        Hl7Segment txa = message.First("TXA"u8);
        if (!txa.Exists)
        {
            return TranslateStatus.Unfit("the message has no TXA segment");
        }

        Span<byte> id = work.Id;
        if (!TryWriteEntityId(txa[12].First, 'D', message, work, id))
        {
            return TranslateStatus.Unfit("TXA-12 has no document number of a supported length");
        }

        Hl7Text text = work.Text;
        ReadOnlySpan<byte> trigger = message.Header[9].Component(2);
        FhirDocumentReference.Writer writer = FhirDocumentReference.Write(destination);
        writer.Id = id;
        writer.Status = StatusOf(trigger, txa[19].Bytes);
        if (StageOf(trigger, txa[17].Bytes) is { } stage)
        {
            writer.DocStatus = stage;
        }

        var identifiers = writer.BeginIdentifier();
        AddNumber(ref identifiers, txa[12].First, text);
        writer.EndIdentifier(identifiers);
        WriteType(ref writer, txa[2].First, text);
        WriteReferences(ref writer, message, work);
        WriteRelation(ref writer, message, trigger, txa[13].First, work);
        WriteDate(ref writer, txa, work);
        WritePersons(ref writer, txa, text);
        WriteLabel(ref writer, txa[18].Component(1));
        if (!text.Read(txa[25].Bytes).IsEmpty)
        {
            writer.Description = text.Read(txa[25].Bytes);
        }

        WriteText(ref writer, message, text);
        WriteContent(ref writer, message, work);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    /// <summary>Whether a message identifies its document.</summary>
    internal static bool IsIdentified(in Hl7Message message) =>
        Hl7Value.IsPresent(message.First("TXA"u8)[12].First.Component(1));

    /// <summary>T11 cancels a document. Otherwise TXA-19, HL7 table 0273.</summary>
    private static DocumentStatus StatusOf(ReadOnlySpan<byte> trigger, ReadOnlySpan<byte> availability) =>
        trigger.SequenceEqual("T11"u8) || availability.SequenceEqual("CA"u8) ? DocumentStatus.EnteredInError
        : availability.SequenceEqual("OB"u8) ? DocumentStatus.Superseded
        : DocumentStatus.Current;

    /// <summary>T07 and T08 edit a document. Otherwise TXA-17, HL7 table 0271.</summary>
    private static CompositionStatus? StageOf(ReadOnlySpan<byte> trigger, ReadOnlySpan<byte> completion) =>
        trigger.SequenceEqual("T07"u8) || trigger.SequenceEqual("T08"u8) ? CompositionStatus.Amended
        : completion.SequenceEqual("AU"u8) || completion.SequenceEqual("LA"u8) ? CompositionStatus.Final
        : completion.SequenceEqual("DI"u8) || completion.SequenceEqual("DO"u8) || completion.SequenceEqual("IP"u8)
            || completion.SequenceEqual("IN"u8) || completion.SequenceEqual("PA"u8) ? CompositionStatus.Preliminary
        : null;

    private static void AddNumber(
        ref EsfNestedArrayWriter<FhirDocumentReference.IdentifierWriter> identifiers, Hl7Field number, Hl7Text text)
    {
        if (!Hl7Value.IsPresent(number.Component(1)) || text.Read(number.Component(1)).IsEmpty)
        {
            return;
        }

        FhirDocumentReference.IdentifierWriter identifier = identifiers.Begin();
        identifier.Value = text.Read(number.Component(1));
        ReadOnlySpan<byte> assigner = Hl7Value.IsPresent(number.Component(3)) ? number.Component(3) : number.Component(2);
        if (!text.Read(assigner).IsEmpty)
        {
            identifier.System = text.Read(assigner);
        }

        identifiers.End(identifier);
    }

    /// <summary>TXA-2: a code of HL7 table 0270, which has two letters; otherwise a concept.</summary>
    private static void WriteType(ref FhirDocumentReference.Writer writer, Hl7Field field, Hl7Text text)
    {
        if (text.Read(field.Bytes).IsEmpty)
        {
            return;
        }

        FhirDocumentReference.CodeableConceptWriter type = writer.BeginType();
        if (field.Bytes is [>= (byte)'A' and <= (byte)'Z', >= (byte)'A' and <= (byte)'Z'])
        {
            var codings = type.BeginCoding();
            FhirDocumentReference.CodingWriter coding = codings.Begin();
            coding.System = "http://terminology.hl7.org/CodeSystem/v2-0270"u8;
            coding.Code = field.Bytes;
            codings.End(coding);
            type.EndCoding(codings);
        }
        else
        {
            WriteConcept(ref type, field, text);
        }

        writer.EndType(type);
    }

    private void WriteReferences(ref FhirDocumentReference.Writer writer, in Hl7Message message, Hl7Work work)
    {
        ReadOnlySpan<byte> patient = PatientReference(message, work);
        if (!patient.IsEmpty)
        {
            FhirDocumentReference.ReferenceWriter subject = writer.BeginSubject();
            subject.Reference = patient;
            writer.EndSubject(subject);
        }

        ReadOnlySpan<byte> visit = EncounterReference(message, work);
        if (!visit.IsEmpty)
        {
            var encounters = writer.BeginEncounter();
            FhirDocumentReference.ReferenceWriter encounter = encounters.Begin();
            encounter.Reference = visit;
            encounters.End(encounter);
            writer.EndEncounter(encounters);
        }
    }

    /// <summary>TXA-13, the parent document: T05 and T06 append to it, T09 and T10 replace it.</summary>
    private void WriteRelation(
        ref FhirDocumentReference.Writer writer, in Hl7Message message, ReadOnlySpan<byte> trigger, Hl7Field parent, Hl7Work work)
    {
        bool appends = trigger.SequenceEqual("T05"u8) || trigger.SequenceEqual("T06"u8);
        bool replaces = trigger.SequenceEqual("T09"u8) || trigger.SequenceEqual("T10"u8);
        if ((!appends && !replaces) || !TryWriteEntityId(parent, 'D', message, work, work.Id))
        {
            return;
        }

        var relations = writer.BeginRelatesTo();
        FhirDocumentReference.RelatesToItemWriter relation = relations.Begin();
        relation.Code = replaces ? DocumentRelation.Replaces : DocumentRelation.Appends;
        FhirDocumentReference.ReferenceWriter target = relation.BeginTarget();
        target.Reference = ReferenceTo("DocumentReference/"u8, work);
        relation.EndTarget(target);
        relations.End(relation);
        writer.EndRelatesTo(relations);
    }

    /// <summary>TXA-6, the origination, TXA-7, the transcription, or TXA-4, the activity.</summary>
    private void WriteDate(ref FhirDocumentReference.Writer writer, Hl7Segment txa, Hl7Work work)
    {
        ReadOnlySpan<byte> date = FirstTime(work, txa[6].Component(1), txa[7].Component(1), txa[4].Component(1));
        if (!date.IsEmpty)
        {
            writer.Date = date;
        }
    }

    /// <summary>TXA-9, the originators, or else TXA-5; and TXA-22, who authenticated the document, or else TXA-10.</summary>
    private static void WritePersons(ref FhirDocumentReference.Writer writer, Hl7Segment txa, Hl7Text text)
    {
        var authors = writer.BeginAuthor();
        foreach (Hl7Field one in (txa[9].IsEmpty ? txa[5] : txa[9]).Repetitions)
        {
            if (IsPerson(one, text))
            {
                FhirDocumentReference.ReferenceWriter author = authors.Begin();
                WritePerson(ref author, one, text);
                authors.End(author);
            }
        }

        writer.EndAuthor(authors);
        Hl7Field signer = txa[22].IsEmpty ? txa[10].First : txa[22].First;
        if (IsPerson(signer, text))
        {
            FhirDocumentReference.ReferenceWriter authenticator = writer.BeginAuthenticator();
            WritePerson(ref authenticator, signer, text);
            writer.EndAuthenticator(authenticator);
        }
    }

    private static bool IsPerson(Hl7Field field, Hl7Text text) =>
        !text.Read(field.Component(1)).IsEmpty || !text.Read(field.Component(2)).IsEmpty;

    /// <summary>TXA-18, HL7 table 0272, whose codes have one letter.</summary>
    private static void WriteLabel(ref FhirDocumentReference.Writer writer, ReadOnlySpan<byte> code)
    {
        if (code is not [>= (byte)'A' and <= (byte)'Z'])
        {
            return;
        }

        var labels = writer.BeginSecurityLabel();
        FhirDocumentReference.CodeableConceptWriter label = labels.Begin();
        var codings = label.BeginCoding();
        FhirDocumentReference.CodingWriter coding = codings.Begin();
        coding.System = "http://terminology.hl7.org/CodeSystem/v2-0272"u8;
        coding.Code = code;
        codings.End(coding);
        label.EndCoding(codings);
        labels.End(label);
        writer.EndSecurityLabel(labels);
    }

    /// <summary>OBX-5 of the OBX that are text.</summary>
    private static void WriteText(ref FhirDocumentReference.Writer writer, in Hl7Message message, Hl7Text text)
    {
        var paragraphs = writer.BeginText();
        for (int i = NextObx(message, message.IndexOf("TXA"u8)); i >= 0; i = NextObx(message, i))
        {
            ReadOnlySpan<byte> type = message[i][2].Bytes;
            bool isText = type.SequenceEqual("TX"u8) || type.SequenceEqual("FT"u8) || type.SequenceEqual("ST"u8);
            if (isText && !text.Read(message[i][5].Bytes).IsEmpty)
            {
                paragraphs.Add(text.Read(message[i][5].Bytes));
            }
        }

        writer.EndText(paragraphs);
    }

    /// <summary>OBX-5 of the OBX with encapsulated data in Base64 (ED) or a pointer (RP).</summary>
    private static void WriteContent(ref FhirDocumentReference.Writer writer, in Hl7Message message, Hl7Work work)
    {
        Hl7Text text = work.Text;
        var contents = writer.BeginContent();
        for (int i = NextObx(message, message.IndexOf("TXA"u8)); i >= 0; i = NextObx(message, i))
        {
            Hl7Field value = message[i][5].First;
            bool isData = message[i][2].Bytes.SequenceEqual("ED"u8) && Ascii.EqualsIgnoreCase(value.Component(4), "Base64"u8)
                && !value.Component(5).IsEmpty && Base64.IsValid(value.Component(5));
            bool isPointer = message[i][2].Bytes.SequenceEqual("RP"u8) && !text.Read(value.Component(1)).IsEmpty;
            if (!isData && !isPointer)
            {
                continue;
            }

            FhirDocumentReference.ContentItemWriter content = contents.Begin();
            int type = isData ? 2 : 3;
            ReadOnlySpan<byte> media = MediaType(value.Component(type), value.Component(type + 1), work.Time);
            if (!media.IsEmpty)
            {
                content.ContentType = media;
            }

            if (isData)
            {
                content.Data = value.Component(5);
            }
            else
            {
                content.Url = text.Read(value.Component(1));
            }

            contents.End(content);
        }

        writer.EndContent(contents);
    }

    private static int NextObx(in Hl7Message message, int index) => message.IndexOf("OBX"u8, index + 1);

    /// <summary>The media type of a type of data, HL7 table 0191, and its subtype, table 0291.</summary>
    /// <returns>Empty if the type or the subtype is unknown.</returns>
    private static ReadOnlySpan<byte> MediaType(scoped ReadOnlySpan<byte> type, scoped ReadOnlySpan<byte> subtype, Span<byte> destination)
    {
        ReadOnlySpan<byte> top = type.SequenceEqual("AP"u8) || Ascii.EqualsIgnoreCase(type, "application"u8) ? "application/"u8
            : type.SequenceEqual("IM"u8) || Ascii.EqualsIgnoreCase(type, "image"u8) ? "image/"u8
            : type.SequenceEqual("AU"u8) || Ascii.EqualsIgnoreCase(type, "audio"u8) ? "audio/"u8
            : Ascii.EqualsIgnoreCase(type, "text"u8) ? "text/"u8
            : [];
        if (top.IsEmpty || !Hl7Value.IsCode(subtype, destination.Length - top.Length))
        {
            return [];
        }

        top.CopyTo(destination);
        Ascii.ToLower(subtype, destination[top.Length..], out int written);
        return destination[..(top.Length + written)];
    }

    private static void WriteConcept(ref FhirDocumentReference.CodeableConceptWriter writer, Hl7Field field, Hl7Text text)
    {
        var codings = writer.BeginCoding();
        for (int first = 1; first <= Hl7Concept.Alternate; first += Hl7Concept.Alternate - 1)
        {
            if (Hl7Concept.IsCoded(field, first, text))
            {
                FhirDocumentReference.CodingWriter coding = codings.Begin();
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

    /// <summary>A person, data type XCN.</summary>
    private static void WritePerson(ref FhirDocumentReference.ReferenceWriter reference, Hl7Field person, Hl7Text text)
    {
        if (!text.Read(person.Component(1)).IsEmpty)
        {
            reference.IdentifierValue = text.Read(person.Component(1));
        }

        if (!text.Read(person.SubComponent(2, 1)).IsEmpty)
        {
            reference.Display = text.Read(person.SubComponent(2, 1));
        }
    }
}
