using System.Text;
using Estream.Esf.Schema;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>
/// Damages manifests, alone and with the files of their packs: each is read as it is, or its errors are listed with
/// their lines. A failure names the seed that repeats it.
/// </summary>
public sealed class ManifestFuzzTests
{
    private const string Manifest =
        "# a pack\n[component]\nname = \"esf-a\"\nversion = '1.2.3-rc.1+b'\nkeywords = [\n  \"a\", # one\n  \"\\u00e9\\n\",\n]\n" +
        "[component.schemas]\nprovides = [\"S\"]\nrequires = [\"esf-b ^1.2 || ~3.1 >=2 <4\", \"esf-a ^1\"]\n";

    private const string File =
        "version: \"1.0\"\nnamespace: a.b\nimports: [{ pack: esf-b, version: \"^1.2\" }]\nschemas: { S: { fields: { x: { type: esf-b.E } "
        + "} } }\n";

    [Fact]
    public void A_damaged_pack_manifest_is_read_or_its_errors_are_listed()
    {
        byte[][] manifests = [Encoding.UTF8.GetBytes(Manifest)];
        int count = LongRun.Count(3_000, 300_000);
        for (int seed = 0; seed < count; seed++)
        {
            string text = Encoding.UTF8.GetString(new Bytes(seed).Damaged(manifests));
            try
            {
                PackManifest? manifest = PackManifestReader.Read(text, PackManifest.FileName, out IReadOnlyList<SchemaDiagnostic> mistakes);
                Assert.True((manifest is null) == (mistakes.Count > 0));
                Assert.All(mistakes, mistake => Assert.InRange(mistake.Position.Line, 1, text.Count(c => c == '\n') + 1));
                SchemaComposer.Read([new SchemaSource("a/" + PackManifest.FileName, text), new SchemaSource("a/a.esf.yaml", File)]);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }
    }
}
