using Estream.Scenarios.Codecs.Health;
using Google.FlatBuffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>The objects of esf-health messages as tables of Google.FlatBuffers; see <see cref="FlatTable"/>.</summary>
internal static class HealthFlat
{
    public static int Put(FlatBufferBuilder builder, Identifier record)
    {
        int system = FlatTable.Put(builder, record.System);
        int value = FlatTable.Put(builder, record.Value);
        builder.StartTable(3);
        builder.AddOffset(2, value, 0);
        builder.AddOffset(1, system, 0);
        builder.AddByte(0, (byte)record.Use, 0);
        return builder.EndTable();
    }

    public static ulong TakeIdentifier(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, HumanName record)
    {
        int family = FlatTable.Put(builder, record.Family);
        int given = FlatTable.Put(builder, record.Given, FlatTable.Put);
        builder.StartTable(3);
        builder.AddOffset(2, given, 0);
        builder.AddOffset(1, family, 0);
        builder.AddByte(0, (byte)record.Use, 0);
        return builder.EndTable();
    }

    public static ulong TakeHumanName(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.SumOfTexts(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, ContactPoint record)
    {
        int value = FlatTable.Put(builder, record.Value);
        builder.StartTable(3);
        builder.AddOffset(1, value, 0);
        builder.AddByte(2, (byte)record.Use, 0);
        builder.AddByte(0, (byte)record.System, 0);
        return builder.EndTable();
    }

    public static ulong TakeContactPoint(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.Byte(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, Address record)
    {
        int line = FlatTable.Put(builder, record.Line, FlatTable.Put);
        int city = FlatTable.Put(builder, record.City);
        int postalCode = FlatTable.Put(builder, record.PostalCode);
        int country = FlatTable.Put(builder, record.Country);
        builder.StartTable(5);
        builder.AddOffset(4, country, 0);
        builder.AddOffset(3, postalCode, 0);
        builder.AddOffset(2, city, 0);
        builder.AddOffset(1, line, 0);
        builder.AddByte(0, (byte)record.Use, 0);
        return builder.EndTable();
    }

    public static ulong TakeAddress(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.SumOfTexts(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.DigestOf(table, 4);
    }

    public static int Put(FlatBufferBuilder builder, CodeableConcept record)
    {
        int coding = FlatTable.Put(builder, record.Coding, Put);
        int text = FlatTable.Put(builder, record.Text);
        builder.StartTable(2);
        builder.AddOffset(1, text, 0);
        builder.AddOffset(0, coding, 0);
        return builder.EndTable();
    }

    public static ulong TakeCodeableConcept(Table table)
    {
        return FlatTable.SumOf(table, 0, TakeCoding)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, Coding record)
    {
        int system = FlatTable.Put(builder, record.System);
        int code = FlatTable.Put(builder, record.Code);
        int display = FlatTable.Put(builder, record.Display);
        builder.StartTable(3);
        builder.AddOffset(2, display, 0);
        builder.AddOffset(1, code, 0);
        builder.AddOffset(0, system, 0);
        return builder.EndTable();
    }

    public static ulong TakeCoding(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, PatientLanguage record)
    {
        int language = Put(builder, record.Language);
        builder.StartTable(2);
        builder.AddOffset(0, language, 0);
        builder.AddBool(1, record.Preferred, false);
        return builder.EndTable();
    }

    public static ulong TakePatientLanguage(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeCodeableConcept)
            + FlatTable.Byte(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, Link record)
    {
        int reference = FlatTable.Put(builder, record.Reference);
        int display = FlatTable.Put(builder, record.Display);
        builder.StartTable(2);
        builder.AddOffset(1, display, 0);
        builder.AddOffset(0, reference, 0);
        return builder.EndTable();
    }

    public static ulong TakeLink(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, ObservationValue record)
    {
        int quantity = Put(builder, record.Quantity);
        builder.StartTable(1);
        builder.AddOffset(0, quantity, 0);
        return builder.EndTable();
    }

    public static ulong TakeObservationValue(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeQuantity);
    }

    public static int Put(FlatBufferBuilder builder, Quantity record)
    {
        int unit = FlatTable.Put(builder, record.Unit);
        int system = FlatTable.Put(builder, record.System);
        int code = FlatTable.Put(builder, record.Code);
        builder.StartTable(5);
        builder.AddLong(0, record.Value, 0);
        builder.AddOffset(4, code, 0);
        builder.AddOffset(3, system, 0);
        builder.AddOffset(2, unit, 0);
        builder.AddSbyte(1, record.Scale, 0);
        return builder.EndTable();
    }

    public static ulong TakeQuantity(Table table)
    {
        return FlatTable.ULong(table, 0)
            + (ulong)(sbyte)FlatTable.Byte(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.DigestOf(table, 4);
    }

    public static int Put(FlatBufferBuilder builder, ReferenceRange record)
    {
        int low = Put(builder, record.Low);
        int high = Put(builder, record.High);
        builder.StartTable(2);
        builder.AddOffset(1, high, 0);
        builder.AddOffset(0, low, 0);
        return builder.EndTable();
    }

    public static ulong TakeReferenceRange(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeQuantity)
            + FlatTable.DigestOf(table, 1, TakeQuantity);
    }

    public static int Put(FlatBufferBuilder builder, ObservationPart record)
    {
        int code = Put(builder, record.Code);
        int value = Put(builder, record.Value);
        builder.StartTable(2);
        builder.AddOffset(1, value, 0);
        builder.AddOffset(0, code, 0);
        return builder.EndTable();
    }

    public static ulong TakeObservationPart(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 1, TakeObservationValue);
    }

    public static int Put(FlatBufferBuilder builder, EncounterParticipant record)
    {
        int type = FlatTable.Put(builder, record.Type, Put);
        int individual = Put(builder, record.Individual);
        builder.StartTable(2);
        builder.AddOffset(1, individual, 0);
        builder.AddOffset(0, type, 0);
        return builder.EndTable();
    }

    public static ulong TakeEncounterParticipant(Table table)
    {
        return FlatTable.SumOf(table, 0, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 1, TakeLink);
    }

    public static int Put(FlatBufferBuilder builder, Period record)
    {
        int start = FlatTable.Put(builder, record.Start);
        int end = FlatTable.Put(builder, record.End);
        builder.StartTable(2);
        builder.AddOffset(1, end, 0);
        builder.AddOffset(0, start, 0);
        return builder.EndTable();
    }

    public static ulong TakePeriod(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, EncounterDiagnosis record)
    {
        int condition = Put(builder, record.Condition);
        int use = Put(builder, record.Use);
        builder.StartTable(3);
        builder.AddUint(2, record.Rank, 0);
        builder.AddOffset(1, use, 0);
        builder.AddOffset(0, condition, 0);
        return builder.EndTable();
    }

    public static ulong TakeEncounterDiagnosis(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeLink)
            + FlatTable.DigestOf(table, 1, TakeCodeableConcept)
            + FlatTable.UInt(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, EncounterLocation record)
    {
        int location = Put(builder, record.Location);
        builder.StartTable(2);
        builder.AddOffset(0, location, 0);
        builder.AddByte(1, (byte)record.Status, 0);
        return builder.EndTable();
    }

    public static ulong TakeEncounterLocation(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeLink)
            + FlatTable.Byte(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, AppointmentParticipant record)
    {
        int type = FlatTable.Put(builder, record.Type, Put);
        int actor = Put(builder, record.Actor);
        builder.StartTable(3);
        builder.AddOffset(1, actor, 0);
        builder.AddOffset(0, type, 0);
        builder.AddByte(2, (byte)record.Status, 0);
        return builder.EndTable();
    }

    public static ulong TakeAppointmentParticipant(Table table)
    {
        return FlatTable.SumOf(table, 0, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 1, TakeLink)
            + FlatTable.Byte(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, DocumentRelated record)
    {
        int target = Put(builder, record.Target);
        builder.StartTable(2);
        builder.AddOffset(1, target, 0);
        builder.AddByte(0, (byte)record.Code, 0);
        return builder.EndTable();
    }

    public static ulong TakeDocumentRelated(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.DigestOf(table, 1, TakeLink);
    }

    public static int Put(FlatBufferBuilder builder, DocumentContent record)
    {
        int contentType = FlatTable.Put(builder, record.ContentType);
        int url = FlatTable.Put(builder, record.Url);
        builder.StartTable(2);
        builder.AddOffset(1, url, 0);
        builder.AddOffset(0, contentType, 0);
        return builder.EndTable();
    }

    public static ulong TakeDocumentContent(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, ConsentPolicy record)
    {
        int uri = FlatTable.Put(builder, record.Uri);
        builder.StartTable(1);
        builder.AddOffset(0, uri, 0);
        return builder.EndTable();
    }

    public static ulong TakeConsentPolicy(Table table)
    {
        return FlatTable.DigestOf(table, 0);
    }

    public static int Put(FlatBufferBuilder builder, ConsentVerification record)
    {
        int verificationDate = FlatTable.Put(builder, record.VerificationDate);
        builder.StartTable(2);
        builder.AddOffset(1, verificationDate, 0);
        builder.AddBool(0, record.Verified, false);
        return builder.EndTable();
    }

    public static ulong TakeConsentVerification(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, ConsentRule record)
    {
        int period = Put(builder, record.Period);
        int actor = FlatTable.Put(builder, record.Actor, Put);
        int action = FlatTable.Put(builder, record.Action, Put);
        builder.StartTable(4);
        builder.AddOffset(3, action, 0);
        builder.AddOffset(2, actor, 0);
        builder.AddOffset(1, period, 0);
        builder.AddByte(0, (byte)record.Type, 0);
        return builder.EndTable();
    }

    public static ulong TakeConsentRule(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.DigestOf(table, 1, TakePeriod)
            + FlatTable.SumOf(table, 2, TakeConsentActor)
            + FlatTable.SumOf(table, 3, TakeCodeableConcept);
    }

    public static int Put(FlatBufferBuilder builder, ConsentActor record)
    {
        int role = Put(builder, record.Role);
        int reference = Put(builder, record.Reference);
        builder.StartTable(2);
        builder.AddOffset(1, reference, 0);
        builder.AddOffset(0, role, 0);
        return builder.EndTable();
    }

    public static ulong TakeConsentActor(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 1, TakeLink);
    }
}
