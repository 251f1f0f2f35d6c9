using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Health.HealthByHand;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirDocumentReference with hand-written code.</summary>
internal readonly struct FhirDocumentReferenceByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirDocumentReferenceRecord record = FhirDocumentReferenceRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 22);
        at += 22;
        at = ByHand.Put8(destination, at, record.Id.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block, record.LastUpdated);
        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Identifier.Length));
        foreach (Identifier item in record.Identifier)
        {
            at = Put(destination, at, item);
        }

        block[10] = (byte)record.Status;
        block[11] = (byte)record.DocStatus;
        at = Put(destination, at, record.Type);
        at = Put(destination, at, record.Subject);
        at = ByHand.Put8(destination, at, record.Date.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[12..], ByHand.Count(record.Author.Length));
        foreach (Link item in record.Author)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Authenticator);
        BinaryPrimitives.WriteUInt16LittleEndian(block[14..], ByHand.Count(record.RelatesTo.Length));
        foreach (DocumentRelated item in record.RelatesTo)
        {
            at = Put(destination, at, item);
        }

        at = ByHand.Put32(destination, at, record.Description.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[16..], ByHand.Count(record.Paragraphs.Length));
        foreach (Text item in record.Paragraphs)
        {
            at = ByHand.Put32(destination, at, item.Utf8);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[18..], ByHand.Count(record.Content.Length));
        foreach (DocumentContent item in record.Content)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[20..], ByHand.Count(record.Encounter.Length));
        foreach (Link item in record.Encounter)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 22);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[8..]); i > 0; i--)
        {
            sum += TakeIdentifier(message, at, out at);
        }

        sum += block[10];
        sum += block[11];
        sum += TakeCodeableConcept(message, at, out at);
        sum += TakeLink(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[12..]); i > 0; i--)
        {
            sum += TakeLink(message, at, out at);
        }

        sum += TakeLink(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[14..]); i > 0; i--)
        {
            sum += TakeDocumentRelated(message, at, out at);
        }

        sum += Digests.Of(ByHand.Take32(message, ref at));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[16..]); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take32(message, ref at));
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[18..]); i > 0; i--)
        {
            sum += TakeDocumentContent(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[20..]); i > 0; i--)
        {
            sum += TakeLink(message, at, out at);
        }

        return sum;
    }
}
