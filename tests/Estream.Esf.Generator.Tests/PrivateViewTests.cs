using System.Buffers.Binary;
using System.Text;
using Esf.Generator.Hidden;
using Estream.Core;
using Estream.Esf.Tests.Generation;

namespace Estream.Esf.Generator.Tests;

/// <summary>Private fields in generated writers and views: unsealed, withheld, opened, absent, and with damaged references.</summary>
public sealed class PrivateViewTests
{
    private static readonly byte[] s_token = [.. Enumerable.Range(200, 32).Select(i => (byte)i)];

    [Fact]
    public void View_reads_unsealed_and_opened_values_and_withholds_sealed_ones()
    {
        byte[] message = Full();
        Assert.True(Admission.Validate(message).IsOk, Admission.Validate(message).ToString());
        AssertFull(Admission.View.Of(message));

        byte[] sealedMessage = Seal(Admission.Schema, message);
        Admission.View view = Admission.View.Of(sealedMessage);
        Assert.True(Admission.View.TryOf(sealedMessage, out _));
        Assert.True(view.Id.SequenceEqual("a-1"u8) && view.Bed == 12);
        Assert.True(view.HasInsured && view.HasHome && view.HasToken);
        Assert.True(view.Age.IsWithheld && view.Insured.IsWithheld && view.Balance.IsWithheld && view.Weight.IsWithheld
            && view.Ward.IsWithheld
            && view.Token.IsWithheld && view.Name.IsWithheld && view.Home.IsWithheld);
        Assert.False(view.Age.TryGet(out byte age) || age != 0);
        Assert.False(view.Home.TryGet(out _));

        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        using EsfUnsealer unsealer = new(Admission.Schema, ring);
        Assert.True(unsealer.Open(sealedMessage, out ReadOnlySpan<byte> opened, out int withheld).IsOk);
        Assert.Equal(0, withheld);
        AssertFull(Admission.View.Of(opened));
    }

    [Fact]
    public void Reader_of_one_audience_sees_only_its_values()
    {
        using EsfKeyRing ring = TestKeys.RingOf("owner");
        using EsfUnsealer unsealer = new(Admission.Schema, ring);
        Assert.True(unsealer.Open(Seal(Admission.Schema, Full()), out ReadOnlySpan<byte> opened, out int withheld).IsOk);
        Admission.View view = Admission.View.Of(opened);
        Assert.True(view.Name.TryGet(out ReadOnlySpan<byte> name) && name.SequenceEqual("Ada"u8));
        Assert.True(view.Home.TryGet(out Admission.HomeView home) && home.Street.SequenceEqual("Lindenstr. 1"u8));
        Assert.True(home.Floor.IsWithheld && view.Age.IsWithheld);
        Assert.Equal(7, withheld);
    }

    [Fact]
    public void Absent_private_fields_are_neither_withheld_nor_present()
    {
        byte[] buffer = new byte[200];
        Admission.Writer writer = Admission.Write(buffer);
        writer.Id = "a"u8;
        writer.Age = 3;
        writer.Name = ""u8;
        byte[] message = Seal(Admission.Schema, buffer[..writer.Length]);
        Admission.View view = Admission.View.Of(message);
        Assert.False(view.HasInsured || view.HasBalance || view.HasToken || view.HasHome || view.HasBed);
        Assert.True(view.Insured.IsAbsent && view.Token.IsAbsent && view.Home.IsAbsent && !view.Home.IsWithheld
            && !view.Insured.TryGet(out _));
        Assert.True(view.Name.IsWithheld);
    }

    [Fact]
    public void Arrays_and_maps_are_private_as_a_whole_or_in_their_items()
    {
        byte[] message = AVisit();
        Visits.View clear = Visits.View.Of(message);
        Assert.True(clear.Codes.TryGet(out var read) && read.Count == 2 && read[1] == 70);
        Assert.True(clear.Notes.TryGet(out var map) && map.Count == 1);
        Assert.True(clear.Parts[0].Finding.TryGet(out ReadOnlySpan<byte> finding) && finding.SequenceEqual("mild"u8));
        Visits.View hidden = Visits.View.Of(Seal(Visits.Schema, message));
        Assert.True(hidden.Codes.IsWithheld && hidden.Notes.IsWithheld && hidden.Parts[0].Finding.IsWithheld);
    }

    [Fact]
    public void MaxLength_counts_private_values_and_a_rejected_value_stays_absent()
    {
        byte[] buffer = new byte[Admission.MaxLength];
        Admission.Writer writer = Admission.Write(buffer);
        ArgumentException? refused = null;
        try
        {
            writer.Token = s_token.AsSpan(1);
        }
        catch (ArgumentException e)
        {
            refused = e;
        }

        Assert.NotNull(refused);
        Assert.True(Admission.View.Of(buffer).Token.IsAbsent);
        Fill(ref writer, new string('i', 16), new string('n', 40), new string('s', 40));
        Assert.Equal(Admission.MaxLength, writer.Length);
        ArgumentException? full = null;
        try
        {
            writer.Weight = 1;
        }
        catch (ArgumentException e)
        {
            full = e;
        }

        Assert.NotNull(full);
    }

    [Fact]
    public void View_throws_for_a_private_region_of_the_wrong_size()
    {
        byte[] message = Full();
        int slot = message.AsSpan().IndexOf(Reference(message, "balance"));
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(slot + 4), 7);
        Assert.Equal(EsfError.WrongLength, Admission.Validate(message).Error);
        Assert.Throws<EstreamCorruptionException>(() => Admission.View.Of(message).Balance.TryGet(out _));
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(slot), int.MaxValue);
        Assert.Throws<EstreamCorruptionException>(() => Admission.View.Of(message).Balance.TryGet(out _));
    }

    [Fact]
    public void ToString_contains_no_private_value()
    {
        byte[] message = Full();
        Assert.DoesNotContain("Ada", Admission.View.Of(message).ToString(), StringComparison.Ordinal);
        Assert.Contains("a-1", Admission.View.Of(message).ToString(), StringComparison.Ordinal);
        Assert.Equal("private", Admission.View.Of(message).Name.ToString());
        Assert.Equal("withheld", Admission.View.Of(Seal(Admission.Schema, message)).Name.ToString());
    }

    internal static byte[] Full()
    {
        byte[] buffer = new byte[500];
        Admission.Writer writer = Admission.Write(buffer);
        Fill(ref writer, "a-1", "Ada", "Lindenstr. 1");
        return buffer[..writer.Length];
    }

    internal static byte[] Seal(EsfSchema schema, byte[] message)
    {
        using EsfSealer sealer = new(schema, TestKeys.Public);
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        EsfStatus status = sealer.Seal(message, destination, out int written);
        Assert.True(status.IsOk, status.ToString());
        return destination[..written];
    }

    internal static byte[] AVisit()
    {
        byte[] buffer = new byte[500];
        Visits.Writer writer = Visits.Write(buffer);
        var codes = writer.BeginCodes();
        codes.Add(7);
        codes.Add(70);
        writer.EndCodes(codes);
        var notes = writer.BeginNotes();
        notes.Add("a"u8, "b"u8);
        writer.EndNotes(notes);
        var parts = writer.BeginParts();
        Visits.PartsItemWriter part = parts.Begin();
        part.Finding = "mild"u8;
        parts.End(part);
        writer.EndParts(parts);
        return buffer[..writer.Length];
    }

    private static void AssertFull(Admission.View view)
    {
        Assert.True(view.Id.SequenceEqual("a-1"u8) && view.Bed == 12);
        Assert.True(view.Age.TryGet(out byte age) && age == 93);
        Assert.True(view.Insured.TryGet(out bool insured) && insured);
        Assert.True(view.Balance.TryGet(out long balance) && balance == -5_000_000_000);
        Assert.True(view.Weight.TryGet(out double weight) && weight == 61.5);
        Assert.True(view.Ward.TryGet(out Ward ward) && ward == Ward.South);
        Assert.True(view.Token.TryGet(out ReadOnlySpan<byte> token) && token.SequenceEqual(s_token));
        Assert.True(view.Name.TryGet(out ReadOnlySpan<byte> name) && name.SequenceEqual("Ada"u8));
        Assert.True(view.Home.TryGet(out Admission.HomeView home) && home.Street.SequenceEqual("Lindenstr. 1"u8));
        Assert.True(home.Floor.TryGet(out short floor) && floor == -2);
    }

    private static void Fill(ref Admission.Writer writer, string id, string name, string street)
    {
        writer.SetId(id);
        writer.Age = 93;
        writer.Insured = true;
        writer.Balance = -5_000_000_000;
        writer.Weight = 61.5;
        writer.Ward = Ward.South;
        writer.SetToken(s_token);
        writer.SetName(name);
        Admission.HomeWriter home = writer.BeginHome();
        home.SetStreet(street);
        home.Floor = -2;
        writer.EndHome(home);
        writer.Bed = 12;
    }

    private static byte[] Reference(byte[] message, string field)
    {
        int offset = Estream.Esf.Schema.RecordLayout.OfMessage(Admission.Schema.Definition.Record).Fields.Single(layout =>
            layout.Field.Name == field).Offset;
        return message[offset..(offset + 8)];
    }
}
