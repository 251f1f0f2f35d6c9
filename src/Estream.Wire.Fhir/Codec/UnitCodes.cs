using Estream.Esf.Internal;

namespace Estream.Wire.Fhir.Codec;

/// <summary>Checks units of measure: terms of UCUM whose atoms are listed here, and usual spellings. A unit with another atom, or with an
/// annotation that is not listed, can be free text. Thread-safe, allocates nothing.</summary>
internal static class UnitCodes
{
    private const int MaxBytes = 32;

    private static readonly Utf8NameTable s_prefixes = Words(
        "Y Z E P T G M k h da d c m u n p f a z y Ki Mi Gi Ti");

    private static readonly Utf8NameTable s_metric = Words(
        """
        m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc B Np st kat U osm eq cal cal_th
        cal_IT cal_m cal_[15] cal_[20] [Cal] [iU] [IU] [pH] Torr R RAD REM Ci Oe Gb Mx G P St dyn erg Ky mho bit By Bd m[H2O] m[Hg]
        [g] B[SPL] B[V] B[mV] B[uV] B[W] B[kW] att
        """);

    private static readonly Utf8NameTable s_plain = Words(
        """
        1 % [pi] 10* 10^ [ppth] [ppm] [ppb] [pptr] [degF] [degR] gon deg ' '' min h d a a_t a_j a_g wk mo mo_s mo_j mo_g [lb_av] [oz_av]
        [lb_tr] [oz_tr] [gr] [ston_av] [stone_av] [in_i] [ft_i] [yd_i] [mi_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [in_us]
        [ft_us] [yd_us] [mi_us] [gal_us] [qt_us] [pt_us] [foz_us] [cup_us] [tbs_us] [tsp_us] [foz_br] [pt_br] [gal_br] [drp] [in_i'H2O]
        [in_i'Hg] [psi] [HP] [Btu] [diop] [p'diop] [Ch] [hnsf'U] [MET] [S] [HPF] [LPF] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U]
        [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U] [mclg'U] [CFU] [PFU] [FFU] [BAU] [AU] [Amb'a'1'U] [D'ag'U]
        [FEU] [DDU] [ELU] [EU] [LF] [TCID_50] [CCID_50] [EID_50] [RFU] [CAE'U] [IR] [Lmb] [ph] Lmb ph sb circ
        """);

    // Spellings for people, which are not terms of UCUM.
    private static readonly Utf8NameTable s_usual = Words(
        """
        mmHg cmH2O bpm beats/min beats/minute breaths/min breaths/minute yr yrs year years month months week weeks day days hour hours
        minute minutes second seconds sec msec hr hrs in ft lb lbs oz kg/m2 mL/min/1.73m2 mEq/L mEq/l IU IU/L IU/l IU/mL mIU/L mIU/mL
        uIU/mL cells/uL K/uL M/uL /HPF /LPF mcg ng/dl pH ratio percent degF degC C F Y x10*9/L x10*12/L x10^9/L x10^12/L
        """);

    private static readonly Utf8NameTable s_annotations = Words(
        "score beats breaths cells copies ratio index titer INR count counts RBC WBC RBCs WBCs HPF total steps events times creat Hb");

    /// <summary>Whether a text is a unit of a known form.</summary>
    public static bool IsUnit(ReadOnlySpan<byte> unit) =>
        unit.Length is > 0 and <= MaxBytes && (s_usual.IndexOf(unit) >= 0 || IsTerm(unit));

    /// <summary>Whether a text is a term of UCUM (section 2.2): components separated by '.' and '/'.</summary>
    private static bool IsTerm(ReadOnlySpan<byte> text)
    {
        text = text[0] == (byte)'/' ? text[1..] : text;
        int first = 0;
        int depth = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            byte letter = i < text.Length ? text[i] : (byte)'/';
            depth += letter is (byte)'[' or (byte)'{' ? 1 : letter is (byte)']' or (byte)'}' ? -1 : 0;
            if (depth == 0 && (letter is (byte)'.' or (byte)'/'))
            {
                if (!IsComponent(text[first..i].Trim("()"u8)))
                {
                    return false;
                }

                first = i + 1;
            }
        }

        return depth == 0;
    }

    /// <summary>Whether a text is an atom with its prefix, exponent and annotation.</summary>
    private static bool IsComponent(ReadOnlySpan<byte> text)
    {
        int annotation = text.IndexOf((byte)'{');
        if (annotation >= 0)
        {
            if (text[^1] != (byte)'}' || s_annotations.IndexOf(text[(annotation + 1)..^1]) < 0)
            {
                return false;
            }

            text = text[..annotation];
            if (text.IsEmpty)
            {
                return true;
            }
        }

        bool isNumber = text.Length is > 0 and <= 6 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        return isNumber || IsAtom(text) || IsAtom(WithoutExponent(text));
    }

    private static ReadOnlySpan<byte> WithoutExponent(ReadOnlySpan<byte> text)
    {
        int end = text.TrimEnd("0123456789"u8).Length;
        return text.Length - end is < 1 or > 2 ? default
            : end > 0 && (text[end - 1] is (byte)'-' or (byte)'+') ? text[..(end - 1)] : text[..end];
    }

    private static bool IsAtom(ReadOnlySpan<byte> text) => s_plain.IndexOf(text) >= 0 || s_metric.IndexOf(text) >= 0
        || (text.Length > 1 && s_prefixes.IndexOf(text[..1]) >= 0 && s_metric.IndexOf(text[1..]) >= 0)
        || (text.Length > 2 && s_prefixes.IndexOf(text[..2]) >= 0 && s_metric.IndexOf(text[2..]) >= 0);

    private static Utf8NameTable Words(string words) =>
        new([.. words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)]);
}
