using System.Globalization;
using System.Text;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Tests.Wire;

/// <summary>Passwords in FIX messages are masked for any split into chunks, the CheckSum is corrected, and nothing else is
/// changed.</summary>
public sealed class FixSecretsTests
{
    private const string Secret = "hunter2-canary";

    [Theory]
    [InlineData("35=A|34=1|49=DESK|56=VENUE|98=0|108=30|553=desk|554=" + Secret + "|", "|554=**************|")]
    [InlineData("35=A|34=1|553=desk|554=" + Secret + "|925=new " + Secret + "|98=0|", "|554=**************|925=******************|98=0|")]
    [InlineData("35=BE|34=7|923=u|554=" + Secret + "|", "|554=**************|")]
    [InlineData("35=A|95=9|96=a\u0001b=\u00015540|554=" + Secret + "|", "|554=**************|")]
    public void A_password_is_masked_and_its_message_stays_valid(string fields, string hidden)
    {
        byte[] stream = [.. Message(fields), .. Message("35=0|34=2|"), .. Message(fields)];
        byte[] whole = Masked(stream, stream.Length);

        string text = Encoding.Latin1.GetString(whole);
        Assert.Equal(stream.Length, whole.Length);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.Contains(hidden.Replace('|', '\u0001'), text, StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Message("35=0|34=2|")), text, StringComparison.Ordinal);
        Assert.Equal(
            Message(fields.Replace(Secret, new string('*', Secret.Length), StringComparison.Ordinal)
                .Replace("new *", "*****", StringComparison.Ordinal)), whole[..Message(fields).Length]);
        for (int size = 1; size <= 40; size++)
        {
            Assert.Equal(whole, Masked(stream, size));
        }
    }

    [Theory]
    [InlineData("35=D|34=2|11=554|58=554=none|5541=x|1554=y|44=1.5|")]
    [InlineData("35=A|34=1|553=desk|")]
    public void A_message_without_a_password_is_not_changed_even_with_a_wrong_CheckSum(string fields)
    {
        byte[] right = Message(fields);
        byte[] wrong = [.. right];
        wrong[^2] = (byte)(wrong[^2] == '9' ? '0' : wrong[^2] + 1);
        Assert.Equal(right, Masked(right, 7));
        Assert.Equal(wrong, Masked(wrong, 7));
    }

    [Fact]
    public void Any_bytes_are_accepted_and_a_password_after_them_is_masked()
    {
        Random random = new(11);
        for (int number = 0; number < 5_000; number++)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            byte[] stream = [.. noise, 1, .. Message("35=A|554=" + Secret + "|")];
            Assert.DoesNotContain(Secret, Encoding.Latin1.GetString(Masked(stream, random.Next(1, 64))), StringComparison.Ordinal);
        }
    }

    private static byte[] Masked(byte[] stream, int chunk)
    {
        byte[] masked = [.. stream];
        FixSecrets secrets = new();
        for (int at = 0; at < masked.Length; at += chunk)
        {
            secrets.Mask(masked.AsSpan(at, Math.Min(chunk, masked.Length - at)));
        }

        return masked;
    }

    private static byte[] Message(string fields)
    {
        string body = fields.Replace('|', '\u0001');
        string head = string.Create(CultureInfo.InvariantCulture, $"8=FIX.4.4\u00019={body.Length}\u0001{body}");
        int sum = Encoding.Latin1.GetBytes(head).Sum(one => one) % 256;
        return Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}10={sum:D3}\u0001"));
    }
}
