using System.Runtime.CompilerServices;
using Estream.Esf;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirDocumentReference with its generated writer and view.</summary>
internal readonly struct FhirDocumentReferenceEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirDocumentReferenceRecord record = FhirDocumentReferenceRecord.All[index];
        FhirDocumentReference.Writer writer = FhirDocumentReference.Write(destination);
        writer.Id = record.Id.Utf8;
        writer.LastUpdated = record.LastUpdated;
        var identifierWriter = writer.BeginIdentifier();
        Put(ref identifierWriter, record.Identifier);
        writer.EndIdentifier(identifierWriter);
        writer.Status = record.Status;
        writer.DocStatus = record.DocStatus;
        FhirDocumentReference.CodeableConceptWriter typeWriter = writer.BeginType();
        Put(ref typeWriter, record.Type);
        writer.EndType(typeWriter);
        FhirDocumentReference.ReferenceWriter subjectWriter = writer.BeginSubject();
        Put(ref subjectWriter, record.Subject);
        writer.EndSubject(subjectWriter);
        writer.Date = record.Date.Utf8;
        var authorWriter = writer.BeginAuthor();
        Put(ref authorWriter, record.Author);
        writer.EndAuthor(authorWriter);
        FhirDocumentReference.ReferenceWriter authenticatorWriter = writer.BeginAuthenticator();
        Put(ref authenticatorWriter, record.Authenticator);
        writer.EndAuthenticator(authenticatorWriter);
        var relatesToWriter = writer.BeginRelatesTo();
        Put(ref relatesToWriter, record.RelatesTo);
        writer.EndRelatesTo(relatesToWriter);
        writer.Description = record.Description.Utf8;
        var textWriter = writer.BeginText();
        foreach (Text item in record.Paragraphs)
        {
            textWriter.Add(item.Utf8);
        }

        writer.EndText(textWriter);
        var contentWriter = writer.BeginContent();
        Put(ref contentWriter, record.Content);
        writer.EndContent(contentWriter);
        var encounterWriter = writer.BeginEncounter();
        Put(ref encounterWriter, record.Encounter);
        writer.EndEncounter(encounterWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        FhirDocumentReference.View view = FhirDocumentReference.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Id);
        sum += view.LastUpdated.TryGet(out long lastUpdated) ? (ulong)lastUpdated : 0UL;
        if (view.Identifier.TryGet(out var identifier))
        {
            foreach (FhirDocumentReference.IdentifierView item in identifier)
            {
                sum += Take(item);
            }
        }

        sum += (ulong)view.Status;
        sum += (ulong)view.DocStatus.GetValueOrDefault();
        sum += Take(view.Type);
        sum += view.Subject.TryGet(out FhirDocumentReference.ReferenceView subject) ? Take(subject) : 0UL;
        sum += Take(view.Date);
        if (view.Author.TryGet(out var author))
        {
            foreach (FhirDocumentReference.ReferenceView item in author)
            {
                sum += Take(item);
            }
        }

        sum += view.Authenticator.TryGet(out FhirDocumentReference.ReferenceView authenticator) ? Take(authenticator) : 0UL;
        foreach (FhirDocumentReference.RelatesToItemView item in view.RelatesTo)
        {
            sum += Take(item);
        }

        sum += Take(view.Description);
        if (view.Text.TryGet(out var text))
        {
            foreach (ReadOnlySpan<byte> item in text)
            {
                sum += Digests.Of(item);
            }
        }

        if (view.Content.TryGet(out var content))
        {
            foreach (FhirDocumentReference.ContentItemView item in content)
            {
                sum += Take(item);
            }
        }

        if (view.Encounter.TryGet(out var encounter))
        {
            foreach (FhirDocumentReference.ReferenceView item in encounter)
            {
                sum += Take(item);
            }
        }

        return sum;
    }

    private static void Put(ref EsfNestedArrayWriter<FhirDocumentReference.ContentItemWriter> writer, DocumentContent[] records)
    {
        foreach (DocumentContent item in records)
        {
            FhirDocumentReference.ContentItemWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref EsfNestedArrayWriter<FhirDocumentReference.RelatesToItemWriter> writer, DocumentRelated[] records)
    {
        foreach (DocumentRelated item in records)
        {
            FhirDocumentReference.RelatesToItemWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref EsfNestedArrayWriter<FhirDocumentReference.IdentifierWriter> writer, Identifier[] records)
    {
        foreach (Identifier item in records)
        {
            FhirDocumentReference.IdentifierWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref EsfNestedArrayWriter<FhirDocumentReference.ReferenceWriter> writer, Link[] records)
    {
        foreach (Link item in records)
        {
            FhirDocumentReference.ReferenceWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref FhirDocumentReference.IdentifierWriter writer, Identifier record)
    {
        writer.Use = record.Use;
        writer.System = record.System.Utf8;
        writer.Value = record.Value.Utf8;
    }

    private static ulong Take(scoped in FhirDocumentReference.IdentifierView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Use.GetValueOrDefault();
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Value);
        return sum;
    }

    private static void Put(ref FhirDocumentReference.CodeableConceptWriter writer, CodeableConcept record)
    {
        var codingWriter = writer.BeginCoding();
        foreach (Coding item in record.Coding)
        {
            FhirDocumentReference.CodingWriter itemWriter = codingWriter.Begin();
            Put(ref itemWriter, item);
            codingWriter.End(itemWriter);
        }

        writer.EndCoding(codingWriter);
        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }
    }

    private static ulong Take(scoped in FhirDocumentReference.CodeableConceptView view)
    {
        ulong sum = 0;
        foreach (FhirDocumentReference.CodingView item in view.Coding)
        {
            sum += Take(item);
        }

        sum += Take(view.Text);
        return sum;
    }

    private static void Put(ref FhirDocumentReference.CodingWriter writer, Coding record)
    {
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
        writer.Display = record.Display.Utf8;
    }

    private static ulong Take(scoped in FhirDocumentReference.CodingView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Display);
        return sum;
    }

    private static void Put(ref FhirDocumentReference.ReferenceWriter writer, Link record)
    {
        writer.Reference = record.Reference.Utf8;
        if (record.Display.IsThere)
        {
            writer.Display = record.Display.Utf8;
        }
    }

    private static ulong Take(scoped in FhirDocumentReference.ReferenceView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        sum += Take(view.Display);
        return sum;
    }

    private static void Put(ref FhirDocumentReference.RelatesToItemWriter writer, DocumentRelated record)
    {
        writer.Code = record.Code;
        FhirDocumentReference.ReferenceWriter targetWriter = writer.BeginTarget();
        Put(ref targetWriter, record.Target);
        writer.EndTarget(targetWriter);
    }

    private static ulong Take(scoped in FhirDocumentReference.RelatesToItemView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Code;
        sum += Take(view.Target);
        return sum;
    }

    private static void Put(ref FhirDocumentReference.ContentItemWriter writer, DocumentContent record)
    {
        writer.ContentType = record.ContentType.Utf8;
        writer.Url = record.Url.Utf8;
    }

    private static ulong Take(scoped in FhirDocumentReference.ContentItemView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.ContentType);
        sum += Digests.Of(view.Url);
        return sum;
    }

    private static ulong Take(scoped in EsfPrivate<ReadOnlySpan<byte>> text) =>
        text.TryGet(out ReadOnlySpan<byte> value) ? Digests.Of(value) : 0UL;
}
