using Estream.Wire.Dnp3.Codec;

namespace Estream.Wire.Dnp3.Tests.Codec;

/// <summary>Objects of commands (IEEE 1815, A.8.1 and A.23).</summary>
public sealed class CommandObjectTests
{
    [Fact]
    public void A_relay_output_block_has_the_published_layout()
    {
        // The example of a latch on with 100 ms: code 03, count 1, on and off time, status 0.
        byte[] bytes = new byte[32];
        int length = CommandObject.Relay(3, 0x03, 1, 100, 100).Write(bytes);

        Assert.Equal("0C011701030301640000006400000000", Convert.ToHexString(bytes.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(1, 1, -70_000)]
    [InlineData(2, 300, -7)]
    [InlineData(3, 2, 1.5)]
    [InlineData(4, 65_535, 1e100)]
    public void An_analog_output_is_read_back(byte variation, ushort index, double value)
    {
        byte[] bytes = new byte[32];
        CommandObject command = CommandObject.Analog(index, variation, value);
        int length = command.Write(bytes);

        Assert.True(CommandObject.TryRead(bytes.AsSpan(0, length), out CommandObject read));
        Assert.Equal(command, read);
        for (int shorter = 0; shorter < length; shorter++)
        {
            Assert.False(CommandObject.TryRead(bytes.AsSpan(0, shorter), out _));
        }
    }

    [Theory]
    [InlineData("0C01280200030003016400000064000000000400030164000000640000000000")] // Two commands.
    [InlineData("0102000202 81")] // Not a command.
    [InlineData("0C010000000301640000006400000000")] // Without an index.
    public void Anything_but_one_command_is_refused(string hex)
    {
        Assert.False(CommandObject.TryRead(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _));
    }
}
