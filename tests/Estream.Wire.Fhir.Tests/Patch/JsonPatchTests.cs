using System.Text;
using Estream.Wire.Fhir.Patch;
using Estream.Wire.Fhir.Rest;

namespace Estream.Wire.Fhir.Tests.Patch;

public sealed class JsonPatchTests
{
    private const int MaxBytes = 1_000;

    // The examples of RFC 6902, appendix A, and of RFC 6901, section 5.
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo"}""")]
    [InlineData("""{"foo":{"bar":1,"waldo":"fred"},"qux":{}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""",
        """{"foo":{"bar":1},"qux":{"thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""",
        """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""",
        """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/child","value":{"grandchild":{}},"xyz":123}]""",
        """{"foo":"bar","child":{"grandchild":{}}}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"replace","path":"/~1","value":8}]""", """{"/":8,"~1":10}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":null}}]""", """{"b":null}""")]
    [InlineData("""{"a":null}""", """[{"op":"test","path":"/a","value":null},{"op":"copy","from":"/a","path":"/b"}]""", """{"a":null,"b":null}""")]
    [InlineData("""{"a":1}""", """[{"op":"move","from":"/a","path":"/a"},{"op":"add","path":"/","value":2}]""", """{"a":1,"":2}""")]
    [InlineData("""{"a":1.500,"b":{"c":0.10}}""", """[{"op":"copy","from":"/b","path":"/d"},{"op":"add","path":"/e","value":1E+2}]""",
        """{"a":1.500,"b":{"c":0.10},"d":{"c":0.10},"e":1E+2}""")]
    [InlineData("""{"a":"é<"}""", "[]", """{"a":"é<"}""")]
    public void Patch_applies(string resource, string patch, string expected)
    {
        Assert.Null(Apply(resource, patch, out string patched));
        Assert.Equal(expected, patched);
    }

    [Theory]
    [InlineData("{}", 400)]
    [InlineData("[", 400)]
    [InlineData("[1]", 400)]
    [InlineData("""[{"op":"add","path":"/a"}]""", 400)]
    [InlineData("""[{"op":"add","path":"a","value":1}]""", 400)]
    [InlineData("""[{"op":"add","path":5,"value":1}]""", 400)]
    [InlineData("""[{"op":"add","path":"/~2","value":1}]""", 400)]
    [InlineData("""[{"op":"merge","path":"/a","value":1}]""", 400)]
    [InlineData("""[{"op":"add","op":"remove","path":"/a"}]""", 400)]
    [InlineData("""[{"op":"move","path":"/a"}]""", 400)]
    [InlineData("""[{"op":"move","from":"/a","path":"/a/b"}]""", 400)]
    [InlineData("""[{"op":"remove","path":""}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/none"}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/none","value":1}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/list/-","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/none/b","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/3","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/01","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/x","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/text/x","value":1}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/list/99999999999"}]""", 422)]
    [InlineData("""[{"op":"copy","from":"/none","path":"/a"}]""", 422)]
    [InlineData("""[{"op":"test","path":"/text","value":"secret-2"}]""", 422)]
    [InlineData("""[{"op":"test","path":"/none","value":null}]""", 422)]
    [InlineData("""[{"op":"test","path":"/list/0","value":1e99999999999}]""", 422)]
    public void Patch_is_refused(string patch, int status)
    {
        FhirResponse? failure = Apply("""{"text":"secret-1","list":[1,2]}""", patch, out _);
        Assert.Equal(status, failure?.Status);
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(failure!.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Patch_stays_within_its_limits()
    {
        const string Grow = """{"op":"copy","from":"","path":"/a"}""";
        Assert.Equal(413, Apply("""{"b":"0123456789"}""", $"[{string.Join(',', Enumerable.Repeat(Grow, 20))}]", out _)?.Status);
        const string Test = """{"op":"test","path":"/a","value":1}""";
        Assert.Null(Apply("""{"a":1}""", $"[{string.Join(',', Enumerable.Repeat(Test, JsonPatch.MaxOperations))}]", out _));
        Assert.Equal(413, Apply("""{"a":1}""", $"[{string.Join(',', Enumerable.Repeat(Test, JsonPatch.MaxOperations + 1))}]", out _)?.Status);
        string deep = $$"""{"op":"add","path":"{{string.Concat(Enumerable.Repeat("/a", 40))}}","value":{{Nested(40)}}}""";
        Assert.Equal(413, Apply(Nested(40), $"[{deep}]", out _)?.Status);
        string large = $$"""[{"op":"add","path":"/b","value":"{{new string('x', MaxBytes)}}"}]""";
        Assert.Equal(413, Apply("""{"a":1}""", large, out _)?.Status);
    }

    private static string Nested(int depth) =>
        string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private static FhirResponse? Apply(string resource, string patch, out string patched)
    {
        FhirResponse? failure = JsonPatch.Apply(
            Encoding.UTF8.GetBytes(resource), Encoding.UTF8.GetBytes(patch), MaxBytes, out ReadOnlyMemory<byte> text);
        patched = Encoding.UTF8.GetString(text.Span);
        return failure;
    }
}
