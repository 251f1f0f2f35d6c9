using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Health;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Fills and reads the parts of esf-health messages in the classes of protoc.</summary>
internal static partial class HealthWire
{
    public static Pb.Identifier? Fill(Pb.Identifier? message, Identifier? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Use = (uint)record.Use;
        message.System = record.System.Chars;
        message.Value = record.Value.Chars;
        return message;
    }

    public static ulong Take(Pb.Identifier? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.Use;
        sum += Digests.Of(message.System);
        sum += Digests.Of(message.Value);
        return sum;
    }

    public static Pb.HumanName? Fill(Pb.HumanName? message, HumanName? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Use = (uint)record.Use;
        message.Family = record.Family.Chars;
        Refill.List(message.Given, record.Given);
        return message;
    }

    public static ulong Take(Pb.HumanName? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.Use;
        sum += Digests.Of(message.Family);
        sum += Refill.Sum(message.Given);
        return sum;
    }

    public static Pb.ContactPoint? Fill(Pb.ContactPoint? message, ContactPoint? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.System = (uint)record.System;
        message.Value = record.Value.Chars;
        message.Use = (uint)record.Use;
        return message;
    }

    public static ulong Take(Pb.ContactPoint? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.System;
        sum += Digests.Of(message.Value);
        sum += message.Use;
        return sum;
    }

    public static Pb.Address? Fill(Pb.Address? message, Address? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Use = (uint)record.Use;
        Refill.List(message.Line, record.Line);
        message.City = record.City.Chars;
        message.PostalCode = record.PostalCode.Chars;
        message.Country = record.Country.Chars;
        return message;
    }

    public static ulong Take(Pb.Address? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.Use;
        sum += Refill.Sum(message.Line);
        sum += Digests.Of(message.City);
        sum += Digests.Of(message.PostalCode);
        sum += Digests.Of(message.Country);
        return sum;
    }

    public static Pb.CodeableConcept? Fill(Pb.CodeableConcept? message, CodeableConcept? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        Refill.List(message.Coding, record.Coding, Fill);
        message.Text = record.Text.Chars;
        return message;
    }

    public static ulong Take(Pb.CodeableConcept? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Refill.Sum(message.Coding, Take);
        sum += Digests.Of(message.Text);
        return sum;
    }

    public static Pb.Coding? Fill(Pb.Coding? message, Coding? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.System = record.System.Chars;
        message.Code = record.Code.Chars;
        message.Display = record.Display.Chars;
        return message;
    }

    public static ulong Take(Pb.Coding? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.System);
        sum += Digests.Of(message.Code);
        sum += Digests.Of(message.Display);
        return sum;
    }

    public static Pb.PatientLanguage? Fill(Pb.PatientLanguage? message, PatientLanguage? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Language = Fill(message.Language, record.Language);
        message.Preferred = record.Preferred;
        return message;
    }

    public static ulong Take(Pb.PatientLanguage? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Language);
        sum += (message.Preferred ? 1UL : 0UL);
        return sum;
    }

    public static Pb.Link? Fill(Pb.Link? message, Link? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Reference = record.Reference.Chars;
        message.Display = record.Display.Chars;
        return message;
    }

    public static ulong Take(Pb.Link? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Reference);
        sum += Digests.Of(message.Display);
        return sum;
    }

    public static Pb.Period? Fill(Pb.Period? message, Period? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Start = record.Start.Chars;
        message.End = record.End.Chars;
        return message;
    }

    public static ulong Take(Pb.Period? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Start);
        sum += Digests.Of(message.End);
        return sum;
    }
}
