using System.Text;
using Estream.Esf.Expressions;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>
/// Parses damaged expressions, and evaluates valid expressions over damaged messages. A text is an expression or an error with its
/// position; a message gives a value or none. Neither may throw, or return bytes from outside the message. A failure names the seed that
/// repeats it.
/// </summary>
public sealed class ExpressionFuzzTests
{
    private static readonly string[] s_texts =
    [
        "real > 30.0 and has(place) or not (small + 1 >= 7)",
        "level in [Low, High] and startsWith(name, \"pump\")",
        "if(flag, large * 2 - signed / 3, -small % 5) ?? 12",
        "place.x ?? half ?? abs(min(real, 0.5e-3, max(1, signed)))",
        "length(note) + length(tags) * length(history) == length(blob)",
        "place.label != 'a\\n\\'' and at <= 1700000000000000000",
        "digest == other.digest or other.place.x < place.x",
        "((level == other.level))",
        "history subset of [1, -2, 8] or history not subset of [0]",
        "newer(name, '1.0.0-rc.1+a') and length(blob) <= 5MB",
    ];

    private static readonly EsfExpressionScope s_scope = new EsfExpressionScope(EsfSeeds.Schema).With("other", EsfSeeds.Schema);

    [Fact]
    public void A_damaged_expression_text_compiles_or_gives_an_error_with_a_position()
    {
        byte[][] seeds = [.. s_texts.Select(Encoding.UTF8.GetBytes)];
        int right = 0;
        for (int seed = 0; seed < LongRun.Count(50_000, 5_000_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);
            // The bytes are read as UTF-8 or as UTF-16 code units; the code units include lone surrogates.
            string text = seed % 4 > 0
                ? Encoding.UTF8.GetString(bytes)
                : string.Concat(bytes.Select(b => b < 0x80 ? (char)b : (char)(0xD700 + (b * 4))));
            try
            {
                bool compiled = EsfExpression.TryCompile(text, s_scope, out EsfExpression? expression, out EsfExpressionError? error);
                Assert.True(compiled ? error is null : expression is null);
                Assert.True(compiled
                    || (error!.Message.Length > 0 && error.Line >= 1 && error.Column >= 1 && error.Line <= text.Count(c => c == '\n') + 1));
                right += compiled ? 1 : 0;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }

        Assert.True(right > 1_000, $"{right} texts were expressions");
    }

    [Fact]
    public void An_expression_over_a_damaged_message_gives_a_value_or_none()
    {
        EsfExpression[] expressions = [.. s_texts.Select(text => EsfExpression.Compile(text, s_scope)),
            .. EsfSeeds.Schema.Fields.Where(field => field.HasTextForm || field.TypeName == "bytes")
            .Select(field => EsfExpression.Compile(field.Name, s_scope))];
        for (int seed = 0; seed < LongRun.Count(50_000, 5_000_000); seed++)
        {
            byte[] message = new Bytes(seed).Damaged(EsfSeeds.Messages);
            byte[] other = new Bytes(~seed).Damaged(EsfSeeds.Messages);
            try
            {
                foreach (EsfExpression expression in expressions)
                {
                    Compute(expression, message, other);
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(message)} {Convert.ToHexString(other)}", failure);
            }
        }
    }

    private static void Compute(EsfExpression expression, ReadOnlySpan<byte> message, ReadOnlySpan<byte> other)
    {
        switch (expression.Kind)
        {
            case EsfValueKind.Boolean:
                _ = expression.TryGetBoolean(message, out _, other);
                break;
            case EsfValueKind.Number:
                Assert.True(!expression.TryGetNumber(message, out double number, other) || double.IsFinite(number));
                break;
            case EsfValueKind.Text or EsfValueKind.Bytes:
                Assert.True(!expression.TryGetBytes(message, out ReadOnlySpan<byte> bytes, other) || bytes.IsEmpty
                    || message.Overlaps(bytes));
                break;
            default:
                _ = expression.TryGetInteger(message, out _, other);
                break;
        }
    }
}
