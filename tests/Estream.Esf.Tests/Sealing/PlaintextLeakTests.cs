using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Esf.Internal;
using Estream.Esf.Tests.Generation;

namespace Estream.Esf.Tests.Sealing;

/// <summary>
/// The destination of a sealer is often a memory-mapped file: bytes written there, even for an instant, remain if the process crashes at
/// that instant. Therefore neither a private value nor a content key may ever be written there unencrypted.
/// </summary>
public sealed class PlaintextLeakTests
{
    private const int Rounds = 300;

    [Fact]
    public void Seal_never_writes_a_private_value_to_the_destination()
    {
        byte[] message = SealCase.Open();
        byte[] destination = new byte[64 * 1024];
        Watcher chance = new(destination);
        using EsfSealer sealer = new(SealCase.Schema, TestKeys.Public, null, chance, 1);
        Assert.True(sealer.Seal(message, destination, out _).IsOk);
        Assert.True(chance.Looks >= 4, "It looks whenever a key is made: for each group of readers, and for each reader.");
        Assert.Empty(chance.Seen);
    }

    [Fact]
    public void Seal_never_writes_a_content_key_to_the_destination()
    {
        EsfSchema schema = Schemas.One("S: { fields: { a: { type: u8, privacy: encrypted } } }");
        EsfAudienceKeys keys = EsfAudienceKeys.None;
        for (int i = 0; i < 64; i++)
        {
            keys = keys.With("default", TestKeys.Of("k" + i).PublicKey);
        }

        FixedKey chance = new();
        using EsfSealer sealer = new(schema, keys, null, chance, SealSession.MaxMessages);
        byte[] message = Schemas.Encode(schema, """{"a":7}""");
        byte[] destination = GC.AllocateArray<byte>(sealer.MaxSealedLength(message.Length), pinned: true);
        bool isOver = false;
        bool isSeen = false;
        Thread looking = new(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                isSeen |= destination.AsSpan().IndexOf(chance.Key) >= 0;
            }
        });
        looking.Start();
        for (int i = 0; i < Rounds; i++)
        {
            Assert.True(sealer.Seal(message, destination, out _).IsOk);
        }

        Volatile.Write(ref isOver, true);
        looking.Join();
        Assert.False(isSeen, "A content key stood in the destination.");
    }

    /// <summary>Inspects the destination whenever the sealer requests randomness.</summary>
    private sealed class Watcher(byte[] destination) : SealRandomness
    {
        public int Looks { get; private set; }

        public List<string> Seen { get; } = [];

        public override void Fill(Span<byte> bytes)
        {
            Look();
            base.Fill(bytes);
        }

        public override void Encapsulate(MlKem1024PublicKey key, Span<byte> ciphertext, Span<byte> secret)
        {
            Look();
            base.Encapsulate(key, ciphertext, secret);
        }

        private void Look()
        {
            Looks++;
            Seen.AddRange(SealCase.Cleartexts.Where(text => destination.AsSpan().IndexOf(text) >= 0)
                .Select(text => Convert.ToHexString(text)));
        }
    }

    /// <summary>Generates known content keys, so that the test can search for them.</summary>
    private sealed class FixedKey : SealRandomness
    {
        public byte[] Key { get; } = SHA256.HashData("known"u8);

        public override void Fill(Span<byte> bytes) => Key.CopyTo(bytes);
    }
}
