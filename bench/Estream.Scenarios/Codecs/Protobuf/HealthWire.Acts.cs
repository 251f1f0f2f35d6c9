using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Health;

namespace Estream.Scenarios.Codecs.Protobuf;

internal static partial class HealthWire
{
    public static Pb.ObservationValue? Fill(Pb.ObservationValue? message, ObservationValue? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Quantity = Fill(message.Quantity, record.Quantity);
        return message;
    }

    public static ulong Take(Pb.ObservationValue? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Quantity);
        return sum;
    }

    public static Pb.Quantity? Fill(Pb.Quantity? message, Quantity? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Value = record.Value;
        message.Scale = record.Scale;
        message.Unit = record.Unit.Chars;
        message.System = record.System.Chars;
        message.Code = record.Code.Chars;
        return message;
    }

    public static ulong Take(Pb.Quantity? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += (ulong)message.Value;
        sum += (ulong)message.Scale;
        sum += Digests.Of(message.Unit);
        sum += Digests.Of(message.System);
        sum += Digests.Of(message.Code);
        return sum;
    }

    public static Pb.ReferenceRange? Fill(Pb.ReferenceRange? message, ReferenceRange? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Low = Fill(message.Low, record.Low);
        message.High = Fill(message.High, record.High);
        return message;
    }

    public static ulong Take(Pb.ReferenceRange? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Low);
        sum += Take(message.High);
        return sum;
    }

    public static Pb.ObservationPart? Fill(Pb.ObservationPart? message, ObservationPart? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Code = Fill(message.Code, record.Code);
        message.Value = Fill(message.Value, record.Value);
        return message;
    }

    public static ulong Take(Pb.ObservationPart? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Code);
        sum += Take(message.Value);
        return sum;
    }

    public static Pb.EncounterParticipant? Fill(Pb.EncounterParticipant? message, EncounterParticipant? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        Refill.List(message.Type, record.Type, Fill);
        message.Individual = Fill(message.Individual, record.Individual);
        return message;
    }

    public static ulong Take(Pb.EncounterParticipant? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Refill.Sum(message.Type, Take);
        sum += Take(message.Individual);
        return sum;
    }

    public static Pb.EncounterDiagnosis? Fill(Pb.EncounterDiagnosis? message, EncounterDiagnosis? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Condition = Fill(message.Condition, record.Condition);
        message.Use = Fill(message.Use, record.Use);
        message.Rank = record.Rank;
        return message;
    }

    public static ulong Take(Pb.EncounterDiagnosis? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Condition);
        sum += Take(message.Use);
        sum += message.Rank;
        return sum;
    }

    public static Pb.EncounterLocation? Fill(Pb.EncounterLocation? message, EncounterLocation? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Location = Fill(message.Location, record.Location);
        message.Status = (uint)record.Status;
        return message;
    }

    public static ulong Take(Pb.EncounterLocation? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Location);
        sum += message.Status;
        return sum;
    }

    public static Pb.ConsentPolicy? Fill(Pb.ConsentPolicy? message, ConsentPolicy? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Uri = record.Uri.Chars;
        return message;
    }

    public static ulong Take(Pb.ConsentPolicy? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Uri);
        return sum;
    }

    public static Pb.ConsentVerification? Fill(Pb.ConsentVerification? message, ConsentVerification? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Verified = record.Verified;
        message.VerificationDate = record.VerificationDate.Chars;
        return message;
    }

    public static ulong Take(Pb.ConsentVerification? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += (message.Verified ? 1UL : 0UL);
        sum += Digests.Of(message.VerificationDate);
        return sum;
    }

    public static Pb.ConsentRule? Fill(Pb.ConsentRule? message, ConsentRule? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Type = (uint)record.Type;
        message.Period = Fill(message.Period, record.Period);
        Refill.List(message.Actor, record.Actor, Fill);
        Refill.List(message.Action, record.Action, Fill);
        return message;
    }

    public static ulong Take(Pb.ConsentRule? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.Type;
        sum += Take(message.Period);
        sum += Refill.Sum(message.Actor, Take);
        sum += Refill.Sum(message.Action, Take);
        return sum;
    }

    public static Pb.ConsentActor? Fill(Pb.ConsentActor? message, ConsentActor? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Role = Fill(message.Role, record.Role);
        message.Reference = Fill(message.Reference, record.Reference);
        return message;
    }

    public static ulong Take(Pb.ConsentActor? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Role);
        sum += Take(message.Reference);
        return sum;
    }
}
