using Estream.Core;
using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Testing;

namespace Estream.Esf.Tests.Signatures;

/// <summary>Files of trusted keys, and what is refused although it is signed.</summary>
public sealed class TrustedKeysTests : IDisposable
{
    private const string Header = "# estream trusted keys 1\n";

    private static readonly DateTimeOffset s_november = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly MlDsa87PrivateKey s_old = Payments.Key(0);
    private static readonly MlDsa87PrivateKey s_new = Payments.Key(1);
    private static readonly MlDsa87PrivateKey s_stranger = Payments.Key(2);

    private readonly TempDirectory _folder = new();
    private readonly string _file;

    public TrustedKeysTests()
    {
        _file = _folder.Combine("trusted");
        s_old.PublicKey.Save(_folder.Combine("old.pub"));
        s_new.PublicKey.Save(_folder.Combine("new.pub"));
        File.WriteAllText(_folder.Combine("broken.pub"), "algorithm: ML-DSA-87\nAAAA\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "first line")]
    [InlineData("# estream trusted keys 2\na old.pub\n", "first line")]
    [InlineData(Header, "it has 0 keys")]
    [InlineData(Header + "a\n", "Line 2", "needs an id")]
    [InlineData(Header + "# note\n\na old.pub - - more\n", "Line 4", "needs an id")]
    [InlineData(Header + "a old.pub yesterday\n", "Line 2", "'yesterday'", "2026-11-01T00:00:00Z")]
    [InlineData(Header + "a old.pub - 2026-11-01\n", "Line 2", "'2026-11-01'")]
    [InlineData(Header + "a old\0.pub\n", "Line 2", "zero character")]
    [InlineData(Header + "a broken.pub\n", "Line 2", "broken.pub", "no ML-DSA-87 public key")]
    [InlineData(Header + "a/b old.pub\n", "'a/b' is not an id")]
    [InlineData(Header + "a old.pub\na new.pub\n", "the id 'a' appears twice")]
    [InlineData(Header + "a old.pub\nb old.pub\n", "'a' and 'b' are the same key")]
    public void Load_names_file_and_line_of_an_error(string text, params string[] parts)
    {
        File.WriteAllText(_file, text);
        string error = Assert.Throws<EstreamFormatException>(() => EsfTrustedKeys.Load(_file)).Message;
        Assert.All((string[])[.. parts, _file], part => Assert.Contains(part, error, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_refuses_missing_and_too_long_files()
    {
        Assert.Throws<EstreamStorageException>(() => EsfTrustedKeys.Load(_file));
        File.WriteAllText(_file, Header + "a missing.pub\n");
        Assert.Contains("missing.pub", Assert.Throws<EstreamStorageException>(() => EsfTrustedKeys.Load(_file)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(_file, Header + new string('#', 70_000));
        Assert.Contains("65536 bytes", Assert.Throws<EstreamFormatException>(() => EsfTrustedKeys.Load(_file)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_keys_is_limited()
    {
        EsfTrustedKey[] keys = [.. Enumerable.Range(0, EsfTrustedKeys.MaxKeys + 1).Select(i =>
        {
            using MlDsa87PrivateKey key = Payments.Key((byte)(i + 10));
            return new EsfTrustedKey($"k{i}", key.PublicKey);
        })];
        Assert.Contains("17 keys", Assert.Throws<ArgumentException>("keys", () => new EsfTrustedKeys(keys)).Message,
            StringComparison.Ordinal);
        Assert.Equal(16, new EsfTrustedKeys(keys.Take(16)).Keys.Count);
        Assert.Throws<ArgumentException>("keys", () => new EsfTrustedKeys([]));

        // The file is refused at its 17th line, before the key files of later lines are read.
        File.WriteAllText(_file, Header + string.Concat(Enumerable.Range(0, 16).Select(i => $"k{i} old.pub\n")) + "k16 missing.pub\n");
        Assert.Contains("Line 18", Assert.Throws<EstreamFormatException>(() => EsfTrustedKeys.Load(_file)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_trusted_from_its_first_to_its_last_moment()
    {
        File.WriteAllText(
            _file, Header + "# rotated in November\r\nold old.pub - 2026-11-01T00:00:00Z\r\nnew\tnew.pub\t2026-11-01T00:00:00Z\n");
        EsfTrustedKeys keys = EsfTrustedKeys.Load(_file);
        Assert.Equal(
            [("old", (DateTimeOffset?)null, (DateTimeOffset?)s_november), ("new", s_november, null)],
            keys.Keys.Select(key => (key.Id, key.ValidFrom, key.RevokedAt)));

        byte[] byOld = Payments.Signed(s_old), byNew = Payments.Signed(s_new);
        DateTimeOffset before = s_november.AddTicks(-1);
        Assert.Equal((EsfSignatureOutcome.Valid, "old"), Check(keys, byOld, before));
        Assert.Equal((EsfSignatureOutcome.Revoked, "old"), Check(keys, byOld, s_november));
        Assert.Equal((EsfSignatureOutcome.NotYetValid, "new"), Check(keys, byNew, before));
        Assert.Equal((EsfSignatureOutcome.Valid, "new"), Check(keys, byNew, s_november));
        Assert.Equal((EsfSignatureOutcome.NoTrustedKey, null), Check(keys, Payments.Signed(s_stranger), s_november));
        Assert.Equal("the key 'old' signed the message, but it was revoked at 2026-11-01T00:00:00Z", Text(keys, byOld, s_november));
        Assert.Equal("the key 'new' signed the message, but it is trusted from 2026-11-01T00:00:00Z only", Text(keys, byNew, before));
    }

    [Fact]
    public void Messages_without_a_signature_of_the_right_length_are_told_apart()
    {
        EsfTrustedKeys keys = Trusting(s_old);
        byte[] empty = Schemas.Encode(Payments.Schema, """{"order":7,"payer":"ann","payee":"bob","signature":""}""");
        byte[] shorter = Schemas.Encode(Payments.Schema,
            $$"""{"order":7,"payer":"ann","payee":"bob","signature":"{{new string('0', 2 * (EsfLimits.PqSignatureBytes - 1))}}"}""");
        byte[] signed = Payments.Signed(s_old);
        Assert.Equal((EsfSignatureOutcome.NotSigned, null), Check(keys, Payments.Unsigned()));
        Assert.Equal((EsfSignatureOutcome.NotSigned, null), Check(keys, empty));
        Assert.Equal((EsfSignatureOutcome.WrongLength, null), Check(keys, shorter));
        Assert.Equal((EsfSignatureOutcome.NoTrustedKey, null), Check(keys, Payments.WithField(Payments.Unsigned())));
        Assert.Equal((EsfSignatureOutcome.InvalidMessage, null), Check(keys, signed[..^1]));
        Assert.Equal((EsfSignatureOutcome.InvalidMessage, null), Check(keys, []));
        Assert.Equal((EsfSignatureOutcome.Valid, "key"), Check(keys, signed));
    }

    [Property(60, 5_000)]
    public void A_changed_bit_of_any_message_is_refused(ulong order, uint position)
    {
        EsfTrustedKeys keys = Trusting(s_old, s_new);
        byte[] message = Payments.Signed(s_new, order, $"payer {order % 100}");
        Assert.True(keys.Check(Payments.Schema, message, 0).IsValid);
        long bit = position % (8L * message.Length);
        message[bit / 8] ^= (byte)(1 << (int)(bit % 8));
        Assert.False(keys.Check(Payments.Schema, message, 0).IsValid);
    }

    [Fact]
    public void The_same_values_in_another_order_of_bytes_are_refused()
    {
        EsfTrustedKeys keys = Trusting(s_old);
        byte[] message = Payments.Signed(s_old);

        // The signature was written last. Its JSON names the signature before the note, so encoding moves the signature.
        byte[] encodedAgain = Schemas.Encode(Payments.Schema, Schemas.Print(Payments.Schema, message));
        Assert.Equal(message.Length, encodedAgain.Length);
        Assert.Equal((EsfSignatureOutcome.NoTrustedKey, null), Check(keys, encodedAgain));
    }

    [Fact]
    public void A_replayed_message_is_valid_again()
    {
        EsfTrustedKeys keys = Trusting(s_old);
        byte[] message = Payments.Signed(s_old);
        Assert.Equal(Check(keys, message), Check(keys, [.. message]));
        Assert.True(keys.Check(Payments.Schema, message, 0).IsValid);
    }

    [Fact]
    public void Checking_allocates_nothing()
    {
        EsfTrustedKeys keys = Trusting(s_stranger, s_new);
        byte[] message = Payments.Signed(s_new);
        byte[] forged = Payments.WithField(Payments.Unsigned());
        Assert.Equal(0, AllocationMeter.OnThisThread(100, () =>
        {
            Assert.True(keys.Check(Payments.Schema, message, 0).IsValid);
            Assert.False(keys.Check(Payments.Schema, forged, 0).IsValid);
        }));
    }

    private static EsfTrustedKeys Trusting(params MlDsa87PrivateKey[] keys) =>
        new(keys.Select((key, index) => new EsfTrustedKey(index == 0 ? "key" : $"key-{index}", key.PublicKey)));

    private static (EsfSignatureOutcome Outcome, string? Id) Check(EsfTrustedKeys keys, byte[] message, DateTimeOffset time = default)
    {
        EsfSignatureCheck check = keys.Check(Payments.Schema, message, Nanos(time));
        return (check.Outcome, check.Key?.Id);
    }

    private static string Text(EsfTrustedKeys keys, byte[] message, DateTimeOffset time) =>
        keys.Check(Payments.Schema, message, Nanos(time)).ToString();

    private static long Nanos(DateTimeOffset time) =>
        time == default ? 0 : (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
