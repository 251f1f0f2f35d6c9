using System.Buffers.Binary;
using System.Text.Json;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;

namespace Estream.Esf.Tests.Sealing;

/// <summary>
/// An attacker has write access to the log but no key. Whatever the attacker changes in a sealed message, no reader sees a value in a
/// private field that the writer did not put there, and no private value appears in a public field.
/// </summary>
public sealed class SealTamperTests : IDisposable
{
    private const int FlagsAt = 15;
    private const int IdAt = 16;
    private const int AgeAt = 24;
    private const int NameAt = 56;
    private const int AliasAt = 64;

    private readonly EsfKeyRing _ring = TestKeys.RingOf(TestKeys.Audiences);
    private readonly EsfUnsealer _unsealer;
    private readonly byte[] _message = SealCase.Sealed();
    private readonly HashSet<string> _values;

    public SealTamperTests()
    {
        _unsealer = new EsfUnsealer(SealCase.Schema, _ring);
        _values = [.. PrivateValues(SealCase.Schema.Definition.Record, JsonOf(SealCase.Open()))];
        Assert.Equal(13, _values.Count);
    }

    public void Dispose()
    {
        _unsealer.Dispose();
        _ring.Dispose();
    }

    [Fact]
    public void Offsets_in_this_test_match_the_schema()
    {
        Assert.Equal(
            [("id", IdAt), ("age", AgeAt), ("name", NameAt), ("alias", AliasAt)],
            RecordLayout.OfMessage(SealCase.Schema.Definition.Record).Fields
                .Where(field => field.Field.Name is "id" or "age" or "name" or "alias").Select(field => (field.Field.Name, field.Offset)));
    }

    [Fact]
    public void Sealed_message_contains_no_plaintext()
    {
        byte[] open = SealCase.Open();
        foreach (byte[] cleartext in SealCase.Cleartexts)
        {
            Assert.True(open.AsSpan().IndexOf(cleartext) >= 0);
            Assert.True(_message.AsSpan().IndexOf(cleartext) < 0, Convert.ToHexString(cleartext));
        }
    }

    [Fact]
    public void Flipping_any_bit_never_changes_a_private_value()
    {
        int bitsPerByte = LongRun.Count(1, 8);
        int refused = 0;
        for (int at = 0; at < _message.Length; at++)
        {
            for (int i = 0; i < bitsPerByte; i++)
            {
                byte[] damaged = [.. _message];
                damaged[at] ^= (byte)(1 << ((at + i) % 8));
                refused += AssertNothingWrong(damaged) ? 0 : 1;
            }
        }

        // Sealed values and ML-KEM ciphertexts make up most of the message.
        Assert.InRange(refused, _message.Length * bitsPerByte * 9 / 10, _message.Length * bitsPerByte);
    }

    [Fact]
    public void Open_rejects_a_message_truncated_at_any_byte()
    {
        for (int length = 0; length < _message.Length; length++)
        {
            EsfStatus status = _unsealer.Open(_message.AsSpan(0, length), out ReadOnlySpan<byte> opened, out _);
            Assert.False(status.IsOk);
            Assert.True(opened.IsEmpty);
        }
    }

    [Fact]
    public void Open_rejects_a_sealed_value_moved_to_another_field()
    {
        // Both values have the same length and the same readers.
        Span<byte> name = RegionOf(_message, NameAt);
        Span<byte> alias = RegionOf(_message, AliasAt);
        byte[] kept = name.ToArray();
        alias.CopyTo(name);
        kept.CopyTo(alias);
        AssertRefused(_message, EsfError.BadSeal, "name");
    }

    [Fact]
    public void Open_rejects_a_sealed_value_moved_to_another_message()
    {
        using EsfSealer sealer = new(SealCase.Schema, TestKeys.Public);
        byte[] first = sealer.SealOrFail(SealCase.Open());
        byte[] second = sealer.SealOrFail(SealCase.Open());
        RegionOf(first, NameAt).CopyTo(RegionOf(second, NameAt));
        AssertRefused(second, EsfError.BadSeal, "name");
    }

    [Fact]
    public void Open_rejects_the_envelope_of_another_message()
    {
        using EsfSealer sealer = new(SealCase.Schema, TestKeys.Public);
        byte[] first = sealer.SealOrFail(SealCase.Open());
        byte[] second = sealer.SealOrFail(SealCase.Open());
        int envelope = BinaryPrimitives.ReadInt32LittleEndian(first.AsSpan(first.Length - 4));
        first.AsSpan(first.Length - envelope).CopyTo(second.AsSpan(second.Length - envelope));
        AssertRefused(second, EsfError.BadSeal, "age");
    }

    [Fact]
    public void Open_rejects_swapped_references()
    {
        ulong name = BinaryPrimitives.ReadUInt64LittleEndian(_message.AsSpan(NameAt));
        _message.AsSpan(AliasAt, 8).CopyTo(_message.AsSpan(NameAt));
        BinaryPrimitives.WriteUInt64LittleEndian(_message.AsSpan(AliasAt), name);
        AssertRefused(_message, EsfError.BadReference, "alias");
    }

    [Fact]
    public void Open_rejects_a_public_field_that_refers_to_a_private_value()
    {
        // If the sealed value were opened in place, the value would appear in the public field.
        ulong name = BinaryPrimitives.ReadUInt64LittleEndian(_message.AsSpan(NameAt)) & long.MaxValue;
        BinaryPrimitives.WriteUInt64LittleEndian(_message.AsSpan(IdAt), (name & uint.MaxValue) | (16UL << 32));
        EsfStatus status = _unsealer.Open(_message, out ReadOnlySpan<byte> opened, out _);
        Assert.NotEqual(EsfError.None, status.Error);
        Assert.True(opened.IsEmpty);
    }

    [Fact]
    public void Open_rejects_an_unencrypted_value_in_a_sealed_message()
    {
        _message[AgeAt + 7] &= 0x7f;
        AssertRefused(_message, EsfError.Unsealed, "age");
        Assert.Equal(EsfError.Unsealed, EsfValidator.CheckStored(SealCase.Schema, _message).Error);
    }

    [Fact]
    public void Sealed_message_without_its_flag_opens_with_private_values_withheld_and_fails_CheckStored()
    {
        _message[FlagsAt] = 0;
        Assert.True(_unsealer.Open(_message, out ReadOnlySpan<byte> opened, out int withheld).IsOk);
        Assert.Equal(Redaction.Of(SealCase.Json, SealCase.Schema.Definition.Record, []).Replace("\n", "", StringComparison.Ordinal),
            JsonOf(opened));
        Assert.Equal(12, withheld);
        Assert.Equal(EsfError.Withheld, EsfValidator.CheckStored(SealCase.Schema, _message).Error);
    }

    [Fact]
    public void Open_rejects_unknown_flags()
    {
        _message[FlagsAt] = 3;
        AssertRefused(_message, EsfError.UnsupportedFormat, null);
        byte[] telemetry = Schemas.Encode(Schemas.Telemetry, """{"device_id":"a","timestamp":1,"metric_name":"m","value":1}""");
        telemetry[FlagsAt] = EsfMessageHeader.SealedFlag;
        Assert.Equal(EsfError.UnsupportedFormat, EsfValidator.Check(Schemas.Telemetry, telemetry).Error);
        Assert.False(Schemas.Telemetry.Matches(telemetry));
    }

    private void AssertRefused(byte[] message, EsfError error, string? field)
    {
        EsfStatus status = _unsealer.Open(message, out ReadOnlySpan<byte> opened, out _);
        Assert.Equal((error, field), (status.Error, status.Field));
        Assert.True(opened.IsEmpty);
    }

    private bool AssertNothingWrong(byte[] damaged)
    {
        EsfStatus status = _unsealer.Open(damaged, out ReadOnlySpan<byte> opened, out _);
        if (!status.IsOk)
        {
            Assert.True(opened.IsEmpty);
            return false;
        }

        foreach (string value in PrivateValues(SealCase.Schema.Definition.Record, JsonOf(opened)))
        {
            Assert.True(_values.Contains(value), $"{value} from {Convert.ToHexString(damaged)}");
        }

        return true;
    }

    private static string JsonOf(ReadOnlySpan<byte> message) => Schemas.Print(SealCase.Schema, message);

    private static Span<byte> RegionOf(byte[] message, int referenceAt) => message.AsSpan(
        BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(referenceAt)),
        BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(referenceAt + 4)) & int.MaxValue);

    /// <summary>Returns the private values of a message with their fields, except withheld ones.</summary>
    private static IEnumerable<string> PrivateValues(RecordDefinition record, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. InRecord(record, document.RootElement, "", false)
            .Where(value => !value.EndsWith(Redaction.Withheld, StringComparison.Ordinal))];
    }

    private static IEnumerable<string> InRecord(RecordDefinition record, JsonElement json, string path, bool isInside)
    {
        foreach (JsonProperty member in json.EnumerateObject())
        {
            FieldDefinition field = record.Fields[record.IndexOf(member.Name)];
            bool isPrivate = isInside || field.IsPrivate;
            string name = $"{path}.{field.Name}";
            string value = member.Value.GetRawText();

            // A private value that contains another private value is split, because the inner value may be withheld separately.
            if (isPrivate && !field.Type.HasPrivateFields)
            {
                yield return $"{name}={value}";
            }

            foreach (string inner in value == Redaction.Withheld ? [] : InValue(field.Type, member.Value, name, isPrivate))
            {
                yield return inner;
            }
        }
    }

    private static IEnumerable<string> InValue(EsfType type, JsonElement json, string path, bool isInside) => type.Kind switch
    {
        EsfTypeKind.Object => InRecord(type.Record!, json, path, isInside),
        EsfTypeKind.Array => json.EnumerateArray().SelectMany(item => InValue(type.Element!, item, path, isInside)),
        EsfTypeKind.Map => json.EnumerateObject().SelectMany(entry => InValue(type.Element!, entry.Value, path, isInside)),
        _ => [],
    };
}
