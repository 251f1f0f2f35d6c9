using System.Text;
using Estream.Esf.Schema;
using Estream.Fuzz.Esf;
using Estream.Marketplace;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>
/// Reads damaged names, versions and ranges: each is read and written back to the same text, or has a fault within its text; never an
/// exception. A failure names the seed that repeats it.
/// </summary>
public sealed class VersionFuzzTests
{
    private static readonly string[] s_texts =
    [
        "esf-iot", "@synergy-carbon/impact-counter", "1.0.0", "1.2.3-rc.1.0+build.5114f85", "0.0.0-x-y.7", "999999999.0.1", "*",
        "^1.2 || ~0.3.1 || =2", ">=1.0.0-rc.1 <2.0.0 || >3 <=4.1", "^0.0.3||1.2||<0.1.0-0",
    ];

    [Fact]
    public void A_damaged_name_version_or_range_is_read_or_has_an_error_position()
    {
        byte[][] seeds = [.. s_texts.Select(Encoding.UTF8.GetBytes)];
        int[] read = new int[3];
        for (int seed = 0; seed < LongRun.Count(100_000, 10_000_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);
            string text = seed % 4 > 0
                ? Encoding.UTF8.GetString(bytes)
                : string.Concat(bytes.Select(b => b < 0x80 ? (char)b : (char)(0xD700 + (b * 4))));
            try
            {
                read[0] += Holds(text, ComponentName.TryParse(text, out ComponentName? name, out ParseFault? fault), name, fault);
                read[1] += Holds(text, SemanticVersion.TryParse(text, out SemanticVersion? version, out fault), version, fault);
                read[2] += Holds(text, VersionRange.TryParse(text, out VersionRange? range, out fault), range, fault);
                Assert.True(version is null || VersionRange.Exactly(version).Contains(version));
                Assert.True(range is null || range.Union(range.Complement()).Equals(VersionRange.All));
                Assert.True(range is null || !range.IsEmpty);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }

        Assert.All(read, count => Assert.True(count > 100, string.Join(' ', read)));
    }

    private static int Holds(string text, bool isRead, object? value, ParseFault? fault)
    {
        Assert.Equal(isRead, value is not null);
        Assert.Equal(isRead, fault is null);
        Assert.True(isRead ? value!.ToString() == text.Trim(' ') : fault!.Offset >= 0 && fault.Offset <= text.Length
            && fault.Reason.Length > 0);
        return isRead ? 1 : 0;
    }
}
