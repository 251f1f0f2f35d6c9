using System.Text;
using Estream.Marketplace.Server.Catalog;
using Estream.Marketplace.Server.Http;
using Estream.Marketplace.Server.Submission;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Reads damaged forms, cursors, slugs, queries and paths: each gives a value or a fault, never another exception. A failure names
/// the seed that repeats it.</summary>
public sealed class ServerFuzzTests
{
    private const string Edge = "edge";

    private static readonly string[] s_parts =
    [
        "--edge", "--edge--", "\r\n", "\n", "Content-Disposition: form-data; name=\"package\"",
        "Content-Disposition: form-data; name=entry",
        "Content-Disposition: form-data; name=\"package_sha256\"", "Content-Disposition: attachment", "Content-Type: a/b", ":",
        "\"", "\0", "x",
    ];

    private static readonly string[] s_words =
        ["acme", "--", "-", "card", "@", "/", "..", ".", "%2e", "\\", "\n", "é", "\ud800", "0", "MQ", "_", "name", "-updated", " ", "12"];

    [Fact]
    public async Task Any_form_gives_parts_or_a_fault()
    {
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000); seed++)
        {
            Random random = new(seed);
            byte[] form = random.Next(2) == 0 ? Damaged(random)
                : Encoding.Latin1.GetBytes(Text(random, s_parts, 40));
            try
            {
                (SubmittedFiles? files, SubmissionFault? fault) =
                    await SubmittedFiles.ReadAsync(new MemoryStream(form), Edge, CancellationToken.None);
                Assert.True(files is null != fault is null);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(form)}", failure);
            }
        }
    }

    [Fact]
    public void Any_text_of_an_address_gives_a_value_or_a_fault()
    {
        for (int seed = 0; seed < LongRun.Count(30_000, 2_000_000); seed++)
        {
            Random random = new(seed);
            string text = Text(random, s_words, 12);
            try
            {
                Assert.True(!CatalogCursor.TryParse(text, out CatalogCursor? cursor) || cursor.ToString() == text);
                Assert.True(!Slug.TryParse(text, out Estream.Marketplace.ComponentName? name) || Slug.Of(name) == text);
                _ = SubmittedFiles.BoundaryOf("multipart/form-data; boundary=" + text);
                _ = RegistryFileEndpoint.SegmentsOf(text);
                bool isQuery = ItemQuery.TryParse("themes",
                    [KeyValuePair.Create("q", text), KeyValuePair.Create("sort", Text(random, s_words, 2)),
                        KeyValuePair.Create("cursor", Text(random, s_words, 6))], out _, out string? fault);
                Assert.Equal(isQuery, fault is null);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }
    }

    private static string Text(Random random, string[] parts, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(1, most)).Select(_ => parts[random.Next(parts.Length)]));

    private static byte[] Damaged(Random random)
    {
        byte[] form = Encoding.Latin1.GetBytes("--edge\r\nContent-Disposition: form-data; name=\"package\"\r\n\r\nabc\r\n--edge\r\n"
            + "Content-Disposition: form-data; name=\"entry\"\r\n\r\n{}\r\n--edge--\r\n");
        for (int damage = random.Next(1, 6); damage > 0; damage--)
        {
            form[random.Next(form.Length)] = (byte)random.Next(256);
        }

        return form[..random.Next(1, form.Length + 1)];
    }
}
