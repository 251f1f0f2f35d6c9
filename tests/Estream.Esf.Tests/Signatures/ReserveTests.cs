using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests.Signatures;

/// <summary>Adds the signature field to messages, and signs on the threads of a pool.</summary>
public sealed class ReserveTests
{
    [Fact]
    public void Reserve_changes_nothing_if_the_buffer_is_too_short_or_the_message_is_of_another_schema()
    {
        byte[] message = Payments.Unsigned();
        byte[] buffer = new byte[message.Length + EsfLimits.PqSignatureBytes - 1];
        message.CopyTo(buffer, 0);
        byte[] before = [.. buffer];
        int length = message.Length;
        EsfStatus status = EsfSignature.Reserve(Payments.Schema, buffer, ref length);
        Assert.Equal((EsfError.DestinationTooSmall, "signature", message.Length), (status.Error, status.Field, length));
        Assert.Equal(before, buffer);

        int none = 0, some = 20;
        Assert.Equal(EsfError.WrongSchema, EsfSignature.Reserve(Payments.Schema, buffer, ref none).Error);
        Assert.Equal(EsfError.WrongSchema, EsfSignature.Reserve(Payments.Schema, new byte[9_000], ref length).Error);
        Assert.Equal(EsfError.WrongSchema, EsfSignature.Reserve(Payments.Schema, buffer, ref some).Error);
        int tooLong = buffer.Length + 1;
        Assert.Throws<ArgumentOutOfRangeException>(() => EsfSignature.Reserve(Payments.Schema, buffer, ref tooLong));
    }

    [Fact]
    public void Reserve_keeps_all_values_and_a_field_that_is_set()
    {
        byte[] message = Payments.WithField(Payments.Unsigned());
        string json = Schemas.Print(Payments.Schema, message);
        Assert.Equal(
            $$"""{"order":7,"payer":"ann","payee":"bob","signature":"{{new string('0', 2 * EsfLimits.PqSignatureBytes)}}","note":"rent"}""", json);
        int length = message.Length;
        Assert.True(EsfSignature.Reserve(Payments.Schema, message, ref length).IsOk);
        Assert.Equal((message.Length, json), (length, Schemas.Print(Payments.Schema, message)));
    }

    [Fact]
    public void Only_schemas_with_exactly_one_public_signature_can_be_signed()
    {
        Assert.True(EsfSignature.CanSign(Payments.Schema));
        Assert.False(EsfSignature.CanSign(Schemas.Telemetry));
        Assert.False(EsfSignature.CanSign(Schemas.One("""
            Other:
              fields:
                a: { type: pq_signature }
                b: { type: pq_signature }
            """)));
        Assert.False(EsfSignature.CanSign(Schemas.One("""
            Secret:
              fields:
                a: { type: pq_signature, privacy: encrypted }
            """)));
        int length = 0;
        Assert.Throws<ArgumentException>("schema", () => EsfSignature.Reserve(Schemas.Telemetry, [], ref length));
    }

    [Fact]
    public async Task A_pool_signs_as_one_thread_does()
    {
        using MlDsa87PrivateKey key = Payments.Key(3);
        using SignerPool pool = new(key, threads: 2);
        byte[][] messages = [.. Enumerable.Range(0, 20).Select(i => Payments.WithField(Payments.Unsigned((ulong)i)))];
        Task<EsfStatus>[] signing = [.. messages.Select(message => EsfSignature.SignAsync(Payments.Schema, message, pool).AsTask())];
        Assert.All(await Task.WhenAll(signing), status => Assert.True(status.IsOk));
        Assert.All(messages, message => Assert.True(EsfSignature.Verify(Payments.Schema, message, key.PublicKey)));

        EsfStatus missing = await EsfSignature.SignAsync(Payments.Schema, Payments.Unsigned(), pool);
        Assert.Equal(EsfError.MissingField, missing.Error);
    }

    [Fact]
    public async Task A_pool_without_its_key_leaves_zeros()
    {
        MlDsa87PrivateKey key = Payments.Key(3);
        using SignerPool pool = new(key, threads: 1);
        key.Dispose();
        byte[] message = Payments.WithField(Payments.Unsigned());
        byte[] before = [.. message];
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await EsfSignature.SignAsync(Payments.Schema, message, pool));
        Assert.Equal(before, message);
        if (Ed25519.IsSupported)
        {
            using Ed25519PrivateKey classic = Ed25519PrivateKey.Generate();
            using SignerPool other = new(classic, threads: 1);
            await Assert.ThrowsAsync<ArgumentException>("pool", async () => await EsfSignature.SignAsync(Payments.Schema, message, other));
        }
    }
}
