using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Health;

namespace Estream.Scenarios.Codecs.Protobuf;

internal static partial class HealthWire
{
    public static Pb.AppointmentParticipant? Fill(Pb.AppointmentParticipant? message, AppointmentParticipant? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        Refill.List(message.Type, record.Type, Fill);
        message.Actor = Fill(message.Actor, record.Actor);
        message.Status = (uint)record.Status;
        return message;
    }

    public static ulong Take(Pb.AppointmentParticipant? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Refill.Sum(message.Type, Take);
        sum += Take(message.Actor);
        sum += message.Status;
        return sum;
    }

    public static Pb.DocumentRelated? Fill(Pb.DocumentRelated? message, DocumentRelated? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Code = (uint)record.Code;
        message.Target = Fill(message.Target, record.Target);
        return message;
    }

    public static ulong Take(Pb.DocumentRelated? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.Code;
        sum += Take(message.Target);
        return sum;
    }

    public static Pb.DocumentContent? Fill(Pb.DocumentContent? message, DocumentContent? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.ContentType = record.ContentType.Chars;
        message.Url = record.Url.Chars;
        return message;
    }

    public static ulong Take(Pb.DocumentContent? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.ContentType);
        sum += Digests.Of(message.Url);
        return sum;
    }
}
