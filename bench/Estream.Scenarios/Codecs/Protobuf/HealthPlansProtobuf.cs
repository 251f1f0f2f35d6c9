using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Protobuf.HealthWire;
using Pb = Estream.Scenarios.Protoc.Health;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes FhirServiceRequest with the class that protoc generates.</summary>
internal readonly struct FhirServiceRequestProtobuf : ICodec
{
    private static readonly Pb.FhirServiceRequest s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirServiceRequestRecord record = FhirServiceRequestRecord.All[index];
        Pb.FhirServiceRequest message = s_message;
        message.Id = record.Id.Chars;
        message.LastUpdated = record.LastUpdated;
        Refill.List(message.Identifier, record.Identifier, Fill);
        message.Status = (uint)record.Status;
        message.Intent = (uint)record.Intent;
        message.Priority = (uint)record.Priority;
        message.Code = Fill(message.Code, record.Code);
        message.Subject = Fill(message.Subject, record.Subject);
        message.Encounter = Fill(message.Encounter, record.Encounter);
        message.OccurrenceAt = record.OccurrenceAt.Chars;
        message.AuthoredOn = record.AuthoredOn.Chars;
        message.Requester = Fill(message.Requester, record.Requester);
        Refill.List(message.ReasonCode, record.ReasonCode, Fill);
        Refill.List(message.Note, record.Note);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.FhirServiceRequest message = Pb.FhirServiceRequest.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Id);
        sum += (ulong)message.LastUpdated;
        sum += Refill.Sum(message.Identifier, Take);
        sum += message.Status;
        sum += message.Intent;
        sum += message.Priority;
        sum += Take(message.Code);
        sum += Take(message.Subject);
        sum += Take(message.Encounter);
        sum += Digests.Of(message.OccurrenceAt);
        sum += Digests.Of(message.AuthoredOn);
        sum += Take(message.Requester);
        sum += Refill.Sum(message.ReasonCode, Take);
        sum += Refill.Sum(message.Note);
        return sum;
    }
}

/// <summary>Encodes and decodes FhirAppointment with the class that protoc generates.</summary>
internal readonly struct FhirAppointmentProtobuf : ICodec
{
    private static readonly Pb.FhirAppointment s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirAppointmentRecord record = FhirAppointmentRecord.All[index];
        Pb.FhirAppointment message = s_message;
        message.Id = record.Id.Chars;
        message.LastUpdated = record.LastUpdated;
        Refill.List(message.Identifier, record.Identifier, Fill);
        message.Status = (uint)record.Status;
        Refill.List(message.ServiceType, record.ServiceType, Fill);
        message.AppointmentType = Fill(message.AppointmentType, record.AppointmentType);
        message.Start = record.Start.Chars;
        message.End = record.End.Chars;
        message.MinutesDuration = record.MinutesDuration;
        Refill.List(message.Comment, record.Comment);
        Refill.List(message.Participant, record.Participant, Fill);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.FhirAppointment message = Pb.FhirAppointment.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Id);
        sum += (ulong)message.LastUpdated;
        sum += Refill.Sum(message.Identifier, Take);
        sum += message.Status;
        sum += Refill.Sum(message.ServiceType, Take);
        sum += Take(message.AppointmentType);
        sum += Digests.Of(message.Start);
        sum += Digests.Of(message.End);
        sum += message.MinutesDuration;
        sum += Refill.Sum(message.Comment);
        sum += Refill.Sum(message.Participant, Take);
        return sum;
    }
}

/// <summary>Encodes and decodes FhirDocumentReference with the class that protoc generates.</summary>
internal readonly struct FhirDocumentReferenceProtobuf : ICodec
{
    private static readonly Pb.FhirDocumentReference s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirDocumentReferenceRecord record = FhirDocumentReferenceRecord.All[index];
        Pb.FhirDocumentReference message = s_message;
        message.Id = record.Id.Chars;
        message.LastUpdated = record.LastUpdated;
        Refill.List(message.Identifier, record.Identifier, Fill);
        message.Status = (uint)record.Status;
        message.DocStatus = (uint)record.DocStatus;
        message.Type = Fill(message.Type, record.Type);
        message.Subject = Fill(message.Subject, record.Subject);
        message.Date = record.Date.Chars;
        Refill.List(message.Author, record.Author, Fill);
        message.Authenticator = Fill(message.Authenticator, record.Authenticator);
        Refill.List(message.RelatesTo, record.RelatesTo, Fill);
        message.Description = record.Description.Chars;
        Refill.List(message.Text, record.Paragraphs);
        Refill.List(message.Content, record.Content, Fill);
        Refill.List(message.Encounter, record.Encounter, Fill);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.FhirDocumentReference message = Pb.FhirDocumentReference.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Id);
        sum += (ulong)message.LastUpdated;
        sum += Refill.Sum(message.Identifier, Take);
        sum += message.Status;
        sum += message.DocStatus;
        sum += Take(message.Type);
        sum += Take(message.Subject);
        sum += Digests.Of(message.Date);
        sum += Refill.Sum(message.Author, Take);
        sum += Take(message.Authenticator);
        sum += Refill.Sum(message.RelatesTo, Take);
        sum += Digests.Of(message.Description);
        sum += Refill.Sum(message.Text);
        sum += Refill.Sum(message.Content, Take);
        sum += Refill.Sum(message.Encounter, Take);
        return sum;
    }
}
