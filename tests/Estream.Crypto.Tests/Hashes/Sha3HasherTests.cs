using Estream.Testing;

namespace Estream.Crypto.Tests.Hashes;

/// <summary>Tests that hashing in pieces equals hashing the whole message.</summary>
public sealed class Sha3HasherTests
{
    [Fact]
    public void The_hash_does_not_depend_on_how_a_message_is_split()
    {
        Random random = new(2);
        Sha3Hasher hasher = new();
        for (int round = 0; round < LongRun.Count(300, 10_000); round++)
        {
            byte[] message = new byte[random.Next(round % 10 == 0 ? 20_000 : 600)];
            random.NextBytes(message);
            for (int at = 0; at < message.Length;)
            {
                int count = Math.Min(message.Length - at, random.Next(round % 3 == 0 ? 6_000 : 140));
                hasher.Append(message.AsSpan(at, count));
                at += count;
            }

            byte[] whole = new byte[32], pieces = new byte[32];
            Sha3Lanes.Hash(message, whole);
            hasher.GetHashAndReset(pieces);
            Assert.Equal(whole, pieces);
        }
    }

    [Fact]
    public void The_hash_of_an_empty_message_matches_the_standard()
    {
        byte[] hash = new byte[32];
        new Sha3Hasher().GetHashAndReset(hash);
        Assert.Equal("a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a", Convert.ToHexStringLower(hash));
        Assert.Throws<ArgumentException>("hash", () => new Sha3Hasher().GetHashAndReset(new byte[31]));
    }
}
