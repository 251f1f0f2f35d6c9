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
}
