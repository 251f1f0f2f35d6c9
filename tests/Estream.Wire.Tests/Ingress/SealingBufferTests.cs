using Estream.Core;
using Estream.Crypto;
using Estream.Esf;

namespace Estream.Wire.Tests;

/// <summary>The plaintext buffer of a queue follows the size of its messages: one long message does not make later ones
/// expensive.</summary>
public sealed class SealingBufferTests
{
    private const int Large = 4 << 20;

    private static readonly EsfSchema s_schema = EsfSchemaSet.BuiltIn.Schemas.Single(schema => schema.Name == "EStreamOrder");

    [Fact]
    public void Buffer_shrinks_after_many_small_messages_and_grows_again()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using SealingBuffer buffer = new(new EsfSealer(s_schema, EsfAudienceKeys.None.With("default", key.PublicKey)));
        Use(buffer, Large);
        Assert.Equal(Large, buffer.Capacity);
        for (int i = 0; i < 64; i++)
        {
            Use(buffer, 4_096);
        }

        Assert.True(buffer.Capacity <= 4_096, $"{buffer.Capacity} bytes are kept");
        Use(buffer, Large);
        Assert.Equal(Large, buffer.Capacity);
    }

    /// <summary>A translator that fills its destination, so that the test can see what is left of it.</summary>
    [Fact]
    public void Buffer_is_overwritten_after_each_message()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using SealingBuffer buffer = new(new EsfSealer(s_schema, EsfAudienceKeys.None.With("default", key.PublicKey)));
        Filler filler = new();
        Use(buffer, Large, filler);
        Assert.Equal(0, filler.LeftOver);
        Use(buffer, 4_096, filler);
        Use(buffer, Large, filler);
        Assert.Equal(0, filler.LeftOver);
    }

    private static void Use(SealingBuffer buffer, int room, Filler? filler = null)
    {
        TopicMapping mapping = TopicMapping.Translated("a", s_schema, "orders", filler ?? new Filler());
        using RawPayload raw = new(SystemClock.Instance);
        buffer.Encode(mapping, new WireMessage("a"u8, "x"u8), [], raw, room, room, out _);
        buffer.Clear();
    }

    private sealed class Filler : IPayloadTranslator
    {
        /// <summary>The number of bytes of earlier messages that were found in a destination.</summary>
        public int LeftOver { get; private set; }

        public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
        {
            LeftOver += destination.Length - destination.Count((byte)0);
            destination.Fill(0x5A);
            length = destination.Length;
            return TranslateStatus.Ok;
        }
    }
}
